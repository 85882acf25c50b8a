/**
 * The contract between a scheduler and its executor. Implement `Executor` to run functions
 * elsewhere.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import type { TaskFunction } from "./function.ts";
import type { CallLimits, LimitName } from "./limits.ts";

/**
 * One call that the scheduler hands to the executor, with methods by which the executor reports on
 * it.
 *
 * The first of `succeed`, `fail` and cancellation settles a call; later reports are ignored.
 *
 * @example Report results without calling functions
 * ```ts
 * import { type Call, type Executor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * class EchoExecutor implements Executor {
 *   readonly name = "EchoExecutor";
 *   readonly workerCount = 1;
 *   submit(call: Call): void {
 *     queueMicrotask(() => {
 *       call.started();
 *       call.succeed(`${call.name}(${call.args.join()})`);
 *     });
 *   }
 *   cancel(): void {}
 *   shutdown(): Promise<{ runaways: undefined }> {
 *     return Promise.resolve({ runaways: undefined });
 *   }
 * }
 *
 * const scheduler = new Scheduler(new EchoExecutor());
 * const task = scheduler.task((a: number, b: number) => `${a + b}`, { name: "add" });
 * scheduler.onStart(async () => assertEquals(await task.submit(1, 2), "add(1,2)"));
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export interface Call {
  /** The id of its future. */
  readonly id: number;
  /** The name of its task, for messages. */
  readonly name: string;
  /** The function to call. */
  readonly function: TaskFunction;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** Objects that move to the worker instead of being copied. */
  readonly transfer: readonly Transferable[];
  /** Its limits; only limits that the executor enforces are set. */
  readonly limits: CallLimits;
  /**
   * Its priority: of the queued calls, those of the highest priority start first. Not 0 only if the
   * executor lists the feature `"priority"`.
   */
  readonly priority: number;
  /**
   * Its messages, if it has any. The function then gets the `comm` of `connectComm()` in front of its
   * arguments. Set only if the executor lists the feature `"comm"`.
   */
  readonly channel: Channel | undefined;
  /** Whether it is settled; an executor skips queued calls that are. */
  readonly settled: boolean;
  /**
   * Reports that the function has started. Not to be called earlier, because pending calls can be
   * taken back.
   *
   * @param at The start, in milliseconds on the clock of `performance.now()`. @default {now}
   * @param worker The number of the worker that runs it, as in `workers()`, for `future.worker`.
   */
  started(at?: number, worker?: number): void;
  /**
   * Reports the value that the function returned or its promise resolved to.
   *
   * @param result The result of the future.
   */
  succeed(result: unknown): void;
  /**
   * Reports the error that the function threw, or that prevented the call.
   *
   * @param error The exception of the future.
   */
  fail(error: unknown): void;
}

/**
 * The progress of a started call whose start or end its executor has not reported yet.
 *
 * @example An executor that reports progress on request
 * ```ts
 * import { type CallProgress, type Executor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * class SilentExecutor implements Executor {
 *   readonly name = "SilentExecutor";
 *   readonly workerCount = 1;
 *   submit(): void {}
 *   progress(): CallProgress {
 *     return { startedAt: performance.now(), ended: false };
 *   }
 *   cancel(): void {}
 *   shutdown(): Promise<{ runaways: undefined }> {
 *     return Promise.resolve({ runaways: undefined });
 *   }
 * }
 *
 * const scheduler = new Scheduler(new SilentExecutor());
 * const states: string[] = [];
 * scheduler.onStart(() => {
 *   const future = scheduler.submit(() => "never called");
 *   states.push(future.state);
 *   future.cancel();
 *   states.push(future.state);
 * });
 * await scheduler.run();
 * assertEquals(states, ["running", "cancelled"]);
 * ```
 *
 * @category Executors
 */
export interface CallProgress {
  /** The start of the function, in milliseconds on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Whether the function has ended. */
  readonly ended: boolean;
  /** The number of the worker that runs it, as in `workers()`. */
  readonly worker?: number;
}

/**
 * What a worker does: it starts, waits for calls, has calls, or has ended and is not replaced yet. One on
 * another machine is `"refused"` if its program has another code version than the scheduler, or another
 * version of this package: it gets no calls.
 *
 * @example How many workers wait for calls
 * ```ts
 * import { Scheduler, type WorkerState } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2, { warmUp: true });
 * const count = (state: WorkerState) =>
 *   scheduler.statistics().workers.filter((worker) => worker.state === state).length;
 * scheduler.onStart(async () => {
 *   await scheduler.submit(() => {});
 *   while (count("idle") < 2) await new Promise((resolve) => setTimeout(resolve, 1));
 * });
 * await scheduler.run();
 * assertEquals(count("ended"), 2);
 * ```
 *
 * @category Statistics
 */
export type WorkerState = "starting" | "idle" | "busy" | "ended" | "refused";

/**
 * A call whose function a worker runs.
 *
 * @example What runs for longer than a second
 * ```ts
 * import { type RunningCall, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const isSlow = ({ startedAt }: RunningCall) => performance.now() - startedAt > 1000;
 *
 * const scheduler = Scheduler.withSequential();
 * const slow = scheduler.statistics().workers.filter(({ call }) => call && isSlow(call));
 * assertEquals(slow, []);
 * ```
 *
 * @category Statistics
 */
export interface RunningCall {
  /** The name of its task. */
  readonly task: string;
  /** The id of its future. */
  readonly future: number;
  /** When its function started, in milliseconds on the clock of `performance.now()`. */
  readonly startedAt: number;
}

/**
 * The program, on this machine or another one, in which a worker runs that the scheduler has not started.
 *
 * @example The machines of a queue
 * ```ts
 * import { type RemoteProgram, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const hostOf = (remote: RemoteProgram | undefined) => remote?.host ?? "this machine";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(() => {
 *   scheduler.submit(() => 1);
 * });
 * await scheduler.run();
 * assertEquals(scheduler.statistics().workers.map(({ remote }) => hostOf(remote)), ["this machine"]);
 * ```
 *
 * @category Statistics
 */
export interface RemoteProgram {
  /** The name of its machine. */
  readonly host: string;
  /** How many processor cores the machine has. */
  readonly cores: number;
  /** The version of Deno. */
  readonly deno: string;
  /** The code version that it was started with, if any. */
  readonly codeVersion: string | undefined;
}

/**
 * What a worker does and has done, together with those that it has replaced, over all runs.
 *
 * @example A line for each worker
 * ```ts
 * import { Scheduler, type WorkerStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function line({ number, state, callsDone, starts }: WorkerStatistics): string {
 *   return `worker ${number}: ${state}, calls ${callsDone}, starts ${starts}`;
 * }
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 3]) scheduler.submit((n: number) => n, n);
 * });
 * await scheduler.run();
 * assertEquals(scheduler.statistics().workers.map(line), ["worker 1: ended, calls 3, starts 1"]);
 * ```
 *
 * @category Statistics
 */
export interface WorkerStatistics {
  /** Its number, from 1. A worker that replaces another one has the number of that one. */
  readonly number: number;
  /** What it does. */
  readonly state: WorkerState;
  /** The call that it runs; undefined when it runs none, as while calls are on their way to it. */
  readonly call: RunningCall | undefined;
  /** How many calls it has run to their ends, failed ones included. */
  readonly callsDone: number;
  /** How often it was started, or one that it replaces. */
  readonly starts: number;
  /** How often it ended, or failed to start, though nobody had asked it to end. */
  readonly losses: number;
  /** The program in which it runs, if that is not started by the scheduler. */
  readonly remote?: RemoteProgram;
}

/**
 * The result of a shutdown.
 *
 * @example Shut down
 * ```ts
 * import { SequentialExecutor, type ShutdownReport } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const report: ShutdownReport = await new SequentialExecutor().shutdown();
 * assertEquals(report.runaways, 0);
 * ```
 *
 * @category Executors
 */
export interface ShutdownReport {
  /**
   * How many terminated threads still run; undefined for executors that cannot observe it.
   */
  readonly runaways: number | undefined;
}

/**
 * A feature that a submission may need and not every executor has:
 *
 * - `"limits"`: limits of calls. `executor.limits` names the limits that it enforces.
 * - `"comm"`: messages between a running call and the main thread.
 * - `"priority"`: urgent calls start before calls that were submitted earlier.
 * - `"output"`: events for what calls print.
 *
 * @example What an executor honours
 * ```ts
 * import { type ExecutorFeature, SequentialExecutor } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const features: readonly ExecutorFeature[] = new SequentialExecutor().features;
 * assertEquals(features, ["priority", "comm"]);
 * ```
 *
 * @category Executors
 */
export type ExecutorFeature = "limits" | "comm" | "priority" | "output";

/**
 * Takes what calls print, in place of the program's own output. `call` is the call that was running when
 * the text was printed; undefined for what is printed before, between and after calls.
 *
 * @example Collect what a run prints
 * ```ts
 * import { type OutputListener, WebWorkerExecutor } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const listener: OutputListener = (text, stream, call) => lines.push(`${call?.name} ${stream} ${text}`);
 * const executor = new WebWorkerExecutor(1);
 * executor.captureOutput(listener);
 * await new Promise<void>((resolve) =>
 *   executor.submit({
 *     id: 1,
 *     name: "greet",
 *     function: () => console.log("hello"),
 *     args: [],
 *     transfer: [],
 *     limits: {},
 *     priority: 0,
 *     channel: undefined,
 *     settled: false,
 *     started() {},
 *     succeed: () => resolve(),
 *     fail: () => resolve(),
 *   })
 * );
 * await executor.shutdown();
 * assertEquals(lines, ["greet stdout hello\n"]);
 * ```
 *
 * @category Executors
 */
export type OutputListener = (
  text: string,
  stream: "stdout" | "stderr",
  call: Call | undefined,
) => void;

/**
 * Runs the calls of one scheduler.
 *
 * It can be used again after a shutdown: the next `submit()` starts new workers. Only `check()` and
 * `share()` may throw.
 *
 * @example An executor that runs each function in a microtask of this thread
 * ```ts
 * import { type Call, type Executor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * class MicrotaskExecutor implements Executor {
 *   readonly name = "MicrotaskExecutor";
 *   readonly workerCount = Infinity;
 *   async submit(call: Call): Promise<void> {
 *     await Promise.resolve();
 *     if (call.settled) return;
 *     call.started();
 *     const { function: run, args } = call;
 *     try {
 *       call.succeed(await run(...args));
 *     } catch (error) {
 *       call.fail(error);
 *     }
 *   }
 *   cancel(): void {}
 *   shutdown(): Promise<{ runaways: undefined }> {
 *     return Promise.resolve({ runaways: undefined });
 *   }
 * }
 *
 * const scheduler = new Scheduler(new MicrotaskExecutor());
 * scheduler.onStart(async () => assertEquals(await scheduler.submit(() => 42), 42));
 * await scheduler.run();
 * ```
 *
 * @category Executors
 */
export interface Executor {
  /** The name shown in messages and in the tree. */
  readonly name: string;
  /** The maximum number of calls that run at once; may be `Infinity`. */
  readonly workerCount: number;
  /**
   * The limits that it enforces: a call that reaches one fails with the error of the limit, and its
   * worker is stopped. The scheduler refuses submissions with other limits.
   *
   * @default {[]}
   */
  readonly limits?: readonly LimitName[];
  /**
   * The features that it honours. Submissions that need another one are refused.
   *
   * @default {[]}
   */
  readonly features?: readonly ExecutorFeature[];
  /**
   * Refuses a function that it cannot run, before submission.
   *
   * @param fn The function.
   * @throws {TypeError} with the reason and a remedy.
   */
  check?(fn: TaskFunction): void;
  /**
   * Runs a call or queues it, by priority if it honours priorities, then in the order of submission.
   * Reports on the call come after this has
   * returned; earlier ones are deferred, because each would nest the callbacks of a chain of calls.
   *
   * @param call The call; one that has failed when it is tried again.
   */
  submit(call: Call): void;
  /**
   * Called when a run starts, once the callbacks of `start` have returned: for an executor that
   * starts workers before there are calls for them.
   */
  start?(): void;
  /**
   * Captures what calls print, from the next start of workers on. The scheduler calls this before the
   * `start` event of a run that has a use for it, always if `features` lists `"output"`, and without a
   * listener at the end of that run. All text of a call is passed on before its end is reported.
   *
   * @param listener Takes the texts; undefined to let workers print as usual.
   */
  captureOutput?(listener: OutputListener | undefined): void;
  /**
   * Returns what its workers do and have done, for `scheduler.statistics()`. Without it the scheduler
   * counts the running calls by their reports.
   *
   * @returns a record for each worker, which later changes do not touch.
   */
  workers?(): readonly WorkerStatistics[];
  /**
   * Takes a value that is shared from now on: where it is an argument of a call, this very object,
   * Shares a value: when the returned object itself is an argument of calls, it crosses to each
   * worker once. Without this method, shared values cross like all others.
   *
   * @param value The argument of `scheduler.share()`.
   * @returns a new object with the shared form of the value.
   * @throws {DOMException} `DataCloneError` when the value cannot cross.
   */
  share?(value: object): object;
  /**
   * Stops sharing a value: workers drop it.
   *
   * @param value The object that `share()` returned.
   */
  release?(value: object): void;
  /**
   * Returns the progress of a call, for executors that learn late which calls have started. The
   * scheduler calls this whenever the state of the future is read, and when the future is
   * cancelled.
   *
   * @param call The call.
   * @returns undefined when the call has not started, as far as the executor knows.
   */
  progress?(call: Call): CallProgress | undefined;
  /**
   * Takes back pending calls: they leave the executor, and start only if they are submitted again.
   * At the end of a run with `wait: true`, the scheduler takes back and cancels all pending calls.
   * Without this method, it cancels every call whose start was not reported.
   *
   * @param calls Submitted calls that are not settled.
   * @returns a promise of those that certainly have not started.
   */
  takeBack?(calls: readonly Call[]): Promise<readonly Call[]>;
  /**
   * Handles a cancelled call: a pending call never starts, and the worker of a running one is
   * stopped.
   *
   * @param call The call, which is settled already.
   */
  cancel(call: Call): void;
  /**
   * Ends all workers. The scheduler calls this when all calls are settled, and awaits it.
   *
   * @returns a promise that resolves when all workers have ended that can be ended.
   */
  shutdown(): Promise<ShutdownReport>;
}
