/** The peer tinypool, on `node:worker_threads`. @module */

import { Tinypool } from "tinypool";
import type { Pool } from "../pool.ts";

/** Starts a pool of tinypool. */
export function startTinypool(workerCount: number): Pool {
  const pool = new Tinypool({
    filename: import.meta.resolve("./thread_task.ts"),
    minThreads: workerCount,
    maxThreads: workerCount,
    // With atomics, Deno loses calls that arrive before the worker is ready, and their promises
    // stay pending. Without atomics, tinypool is no slower.
    useAtomics: false,
  });
  return { run: (n) => pool.run(n), close: () => pool.destroy() };
}
