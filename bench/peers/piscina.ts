/** The peer piscina, on `node:worker_threads`. @module */

import { Piscina } from "piscina";
import type { Pool } from "../pool.ts";

/** Starts a pool of piscina. */
export function startPiscina(workerCount: number): Pool {
  const pool = new Piscina<number, number>({
    filename: import.meta.resolve("./thread_task.ts"),
    minThreads: workerCount,
    maxThreads: workerCount,
  });
  return { run: (n) => pool.run(n), close: () => pool.destroy() };
}
