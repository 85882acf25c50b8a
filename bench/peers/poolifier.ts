/** The peer poolifier, on `node:worker_threads` or child processes. @module */

import { fileURLToPath } from "node:url";
import { FixedClusterPool, FixedThreadPool } from "poolifier";
import type { Pool } from "../pool.ts";

/** Starts a pool of threads. */
export function startPoolifier(workerCount: number): Pool {
  const pool = new FixedThreadPool<number, number>(workerCount, pathOf("./poolifier_worker.ts"));
  return {
    run: (n) => pool.execute(n),
    // Not awaited: it waits for an event of each worker that Deno may have emitted already.
    close: () => void pool.destroy(),
  };
}

/** Starts a pool of child processes. */
export function startPoolifierOfProcesses(workerCount: number): Pool {
  const path = pathOf("./poolifier_cluster_worker.ts");
  const pool = new FixedClusterPool<number, number>(workerCount, path);
  return { run: (n) => pool.execute(n), close: () => pool.destroy() };
}

function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(module));
}
