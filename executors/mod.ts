/**
 * What runs the functions of a scheduler.
 *
 * @module
 */

export type { ChildPermissions, PermissionName } from "./child_permissions.ts";
export { ProcessExecutor, type ProcessExecutorOptions } from "./process_executor.ts";
export { SequentialExecutor } from "./sequential_executor.ts";
export { WebWorkerExecutor, type WebWorkerExecutorOptions } from "./web_worker_executor.ts";
