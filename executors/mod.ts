/**
 * What runs the functions of a scheduler.
 *
 * @module
 */

export { ProcessExecutor, type ProcessExecutorOptions } from "./process_executor.ts";
export { SequentialExecutor } from "./sequential_executor.ts";
export type { PermissionName, WorkerPermissions } from "./worker_permissions.ts";
export type { StartOptions } from "./start_options.ts";
export { WebWorkerExecutor, type WebWorkerExecutorOptions } from "./web_worker_executor.ts";
