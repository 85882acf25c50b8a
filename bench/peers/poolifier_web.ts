/** The peer poolifier-web-worker, on Web Workers. @module */

import { FixedThreadPool } from "poolifier-web-worker";
import type { Pool } from "../pool.ts";

/** Starts a pool of poolifier-web-worker. */
export function startPoolifierWeb(workerCount: number): Pool {
  const url = new URL("./poolifier_web_worker.ts", import.meta.url);
  const pool = new FixedThreadPool<number, number>(workerCount, url);
  return { run: (n) => pool.execute(n), close: () => pool.destroy() };
}
