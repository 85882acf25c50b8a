/**
 * What runs the functions of a scheduler.
 *
 * @module
 */

export { SequentialExecutor } from "./sequential_executor.ts";
export { WebWorkerExecutor, type WebWorkerExecutorOptions } from "./web_worker_executor.ts";
