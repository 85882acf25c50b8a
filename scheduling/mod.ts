/**
 * Scheduler, tasks, events, and the contracts of plugins and executors: everything in the package
 * except the built-in plugins and executors.
 *
 * @example Two tasks in a row
 * ```ts
 * import { Scheduler } from "@amltk/scheduling/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const square = scheduler.task((n: number) => n ** 2);
 * const describe = scheduler.task((n: number) => `it is ${n}`);
 * const texts: string[] = [];
 *
 * scheduler.onStart(() => {
 *   square.submit(3);
 * });
 * square.onResult((_future, n) => describe.submit(n));
 * describe.onResult((_future, text) => texts.push(text));
 *
 * await scheduler.run();
 * assertEquals(texts, ["it is 9"]);
 * ```
 *
 * @module
 */

export {
  type CallbackOptions,
  Emitter,
  type EmitterOptions,
  type EventArgs,
  type EventCounts,
  type Subscriber,
  type Subscription,
  type WaitOptions,
} from "./emitter.ts";
export type { CancelOptions } from "./cancel_options.ts";
export type { DisplayOptions, DisplayStream } from "./display_options.ts";
export type {
  Channel,
  ChannelConnection,
  ChannelListener,
  MessageFromCall,
  MessageToCall,
} from "./channel.ts";
export {
  BrokerLostError,
  CommClosedError,
  CpuTimeLimitError,
  EventNotKnownError,
  ExecutorBrokenError,
  FutureCancelledError,
  LimitError,
  MemoryLimitError,
  ModuleLoadError,
  SchedulerAlreadyRunningError,
  SchedulerNotRunningError,
  SubmissionDeclinedError,
  WallTimeLimitError,
  type WorkerLostDetails,
  WorkerLostError,
  type WorkerLostReason,
} from "./errors.ts";
export type {
  AttemptOutcome,
  AttemptRecord,
  LossRecord,
  QueueRecord,
} from "./display/monitor_records.ts";
export { QueueMonitor, type QueueMonitorOptions } from "./display/queue_monitor.ts";
export type {
  Call,
  CallProgress,
  Executor,
  ExecutorFeature,
  OutputListener,
  RemoteProgram,
  RunningCall,
  ShutdownReport,
  WorkerState,
  WorkerStatistics,
} from "./executor.ts";
export {
  fromModule,
  type FunctionSource,
  functionSource,
  type ModuleFunctions,
  type TaskFunction,
} from "./function.ts";
export { type AnyTask, Future, type FutureState } from "./future.ts";
export type { ResourceLimitsOptions } from "./limit_options.ts";
export type { CallLimits, LimitName } from "./limits.ts";
export type { MapOptions } from "./map.ts";
export type {
  AnyPlugin,
  CallOutcome,
  Plugin,
  StartingCall,
  Submission,
  ThisArgs,
  ThisFuture,
  ThisInjected,
  ThisTask,
} from "./plugin.ts";
export type { Declined, Injected, SubmitArgs } from "./plugin_types.ts";
export { Requeue } from "./requeue.ts";
export type { ErrorAction, ErrorClass, ErrorPolicies, ErrorPolicy } from "./error_policy.ts";
export type { ExitCode, ExitState, RunOptions } from "./run_options.ts";
export { type CallLaterHandle, Scheduler, type TaskOptions } from "./scheduler.ts";
export type { StopFunction, StopOptions } from "./stop.ts";
export type { SubmitOptions } from "./submit_options.ts";
export type { SchedulerEvents } from "./scheduler_events.ts";
export type { Shared, SharedHandle } from "./shared.ts";
export type {
  CallbackStatistics,
  CallbackUnderWay,
  EmitterStatistics,
  EventStatistics,
  LastExit,
  PluginStatistics,
  RecentFuture,
  RunPhase,
  RunWait,
  SchedulerStatistics,
  TaskStatistics,
  TimeStatistics,
} from "./statistics.ts";
export { type EventsOf, Task } from "./task.ts";
export type { TaskEvents } from "./task_events.ts";
export { transfer } from "./transfer.ts";
export type { CommTypes, WorkerComm } from "./worker_comm.ts";
