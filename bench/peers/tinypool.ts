/** The peer tinypool, on `node:worker_threads` or child processes. @module */

import { Tinypool } from "tinypool";
import type { Pool } from "../pool.ts";

/** Starts a pool of threads. */
export function startTinypool(workerCount: number): Pool {
  return start(workerCount, "worker_threads");
}

/** Starts a pool of child processes. */
export function startTinypoolOfProcesses(workerCount: number): Pool {
  return start(workerCount, "child_process");
}

function start(workerCount: number, runtime: "worker_threads" | "child_process"): Pool {
  const pool = new Tinypool({
    runtime,
    filename: import.meta.resolve("./thread_task.ts"),
    minThreads: workerCount,
    maxThreads: workerCount,
    // With atomics, Deno loses calls that arrive before the worker is ready, and their promises
    // stay pending. Without atomics, tinypool is no slower.
    useAtomics: false,
  });
  return { run: (n) => pool.run(n), close: () => pool.destroy() };
}
