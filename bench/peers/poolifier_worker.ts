/** The worker module of poolifier. @module */

import { ThreadWorker } from "poolifier";

const worker: ThreadWorker<number, number> = new ThreadWorker((n?: number) => n ?? NaN);

export default worker;
