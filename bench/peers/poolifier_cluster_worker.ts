/** The worker module of poolifier in child processes. @module */

import { ClusterWorker } from "poolifier";

const worker: ClusterWorker<number, number> = new ClusterWorker((n?: number) => n ?? NaN);

export default worker;
