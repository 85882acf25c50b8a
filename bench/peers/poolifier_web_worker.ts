/** The worker module of poolifier-web-worker. @module */

import { ThreadWorker } from "poolifier-web-worker";

const worker: ThreadWorker<number, number> = new ThreadWorker((n?: number) => n ?? NaN);

export default worker;
