/** The peer tinypool, on `node:worker_threads`. @module */

import { Tinypool } from "tinypool";
import type { Pool } from "../pool.ts";

/** Starts a pool of tinypool. */
export function startTinypool(workerCount: number): Pool {
  const pool = new Tinypool({
    filename: import.meta.resolve("./thread_task.ts"),
    minThreads: workerCount,
    maxThreads: workerCount,
    // With them, calls that come before the worker is up are lost under Deno, and their promises
    // stay pending. Without them it is no slower.
    useAtomics: false,
  });
  return { run: (n) => pool.run(n), close: () => pool.destroy() };
}
