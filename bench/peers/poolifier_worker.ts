/** The worker module of poolifier. @module */

import { ThreadWorker } from "poolifier";

export default new ThreadWorker<number, number>((n?: number) => n ?? NaN);
