/** The worker module of poolifier-web-worker. @module */

import { ThreadWorker } from "poolifier-web-worker";

export default new ThreadWorker<number, number>((n?: number) => n ?? NaN);
