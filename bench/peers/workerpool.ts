/**
 * The peer workerpool, on `node:worker_threads`: as a Web Worker its own code reads
 * `process.connected`, which Deno refuses there.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Pool } from "../pool.ts";

/** Starts a pool of threads. */
export function startWorkerpool(workerCount: number): Pool {
  return start(workerCount, "thread");
}

/** Starts a pool of child processes. */
export function startWorkerpoolOfProcesses(workerCount: number): Pool {
  return start(workerCount, "process");
}

function start(workerCount: number, workerType: "thread" | "process"): Pool {
  const pool = workerpool.pool(fileURLToPath(import.meta.resolve("./workerpool_worker.ts")), {
    minWorkers: workerCount,
    maxWorkers: workerCount,
    workerType,
  });
  return {
    run: (n) => pool.exec("same", [n]),
    close: async () => {
      await pool.terminate();
    },
  };
}
