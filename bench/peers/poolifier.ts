/** The peer poolifier, on `node:worker_threads`. @module */

import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import type { Pool } from "../pool.ts";

/** Starts a pool of poolifier. */
export function startPoolifier(workerCount: number): Pool {
  const file = fileURLToPath(import.meta.resolve("./poolifier_worker.ts"));
  const pool = new FixedThreadPool<number, number>(workerCount, file);
  return {
    run: (n) => pool.execute(n),
    // Not awaited: it waits for an event of each worker that Deno may have emitted already.
    close: () => void pool.destroy(),
  };
}
