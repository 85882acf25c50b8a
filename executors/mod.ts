/**
 * Executors run the functions of a scheduler in Web Workers, in child processes, or in this thread. To
 * run them elsewhere, implement `Executor` of `@amltk/scheduling` and test it with
 * `@amltk/scheduling/executors/contract`.
 *
 * @example The same function in any executor
 * ```ts
 * import { type Executor, Scheduler } from "@amltk/scheduling";
 * import { SequentialExecutor, WebWorkerExecutor } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * async function cubeOf(n: number, executor: Executor): Promise<number> {
 *   const scheduler = new Scheduler(executor);
 *   const results: number[] = [];
 *   scheduler.onStart(async () => {
 *     results.push(await scheduler.submit((n: number) => n ** 3, n));
 *   });
 *   await scheduler.run();
 *   return results[0] ?? NaN;
 * }
 *
 * assertEquals(await cubeOf(3, new SequentialExecutor()), 27);
 * assertEquals(await cubeOf(3, new WebWorkerExecutor(1)), 27);
 * ```
 *
 * @module
 */

export { type CommConnection, type CommTransport, connectComm } from "./connect_comm.ts";
export type { HousekeepingOptions } from "./housekeeping_options.ts";
export { ProcessExecutor, type ProcessExecutorOptions } from "./process_executor.ts";
export { SequentialExecutor } from "./sequential_executor.ts";
export type { PermissionName, WorkerPermissions } from "./worker_permissions.ts";
export type { StartOptions } from "./start_options.ts";
export { WebWorkerExecutor, type WebWorkerExecutorOptions } from "./web_worker_executor.ts";
