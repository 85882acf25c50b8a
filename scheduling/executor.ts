/**
 * What a scheduler asks of the thing that runs its functions. Implement it to run them elsewhere.
 *
 * @module
 */

import type { TaskFunction } from "./function.ts";
import type { CallLimits, LimitName } from "./limits.ts";

/**
 * One call, from the scheduler to the executor, and the executor's reports on it.
 *
 * A call is settled by the first of `succeed`, `fail` or its cancellation; reports after that are
 * ignored.
 *
 * @example Answer without calling anything
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
  /** What moves to the other side in place of being copied. */
  readonly transfer: readonly Transferable[];
  /** What it may use up; only limits that the executor says it enforces are ever set. */
  readonly limits: CallLimits;
  /** Whether it has been reported on or cancelled: a queued call that is settled is skipped. */
  readonly settled: boolean;
  /**
   * Reports that the function begins where it runs: not before, for what waits can be taken back.
   *
   * @param at When, in milliseconds on the clock of `performance.now()`. @default {now}
   */
  started(at?: number): void;
  /**
   * Reports what the function returned, or what its promise resolved to.
   *
   * @param result The result of the future.
   */
  succeed(result: unknown): void;
  /**
   * Reports what it threw, or why it could not be run.
   *
   * @param error The exception of the future.
   */
  fail(error: unknown): void;
}

/**
 * How far a call is that has begun, though its executor has not reported on it yet.
 *
 * @example An executor that is asked how far its calls are
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
  /** When its function began, in milliseconds on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Whether its function has ended. */
  readonly ended: boolean;
}

/**
 * What is known when an executor has shut down.
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
   * Threads that go on although they were told to end; undefined where that cannot be seen.
   */
  readonly runaways: number | undefined;
}

/**
 * Runs the calls of one scheduler.
 *
 * It may be used again after a shutdown: the next `submit()` starts afresh. Its methods do not
 * throw, save `check()` and `share()`.
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
  /** Its name, for messages and the tree. */
  readonly name: string;
  /** How many calls it may run at once; `Infinity` for any number. */
  readonly workerCount: number;
  /**
   * The limits of a call that it enforces: it fails a call that reaches one with the limit's error,
   * and stops what runs it. Others are refused before anything is submitted.
   *
   * @default {[]}
   */
  readonly limits?: readonly LimitName[];
  /**
   * Refuses a function that it cannot run, before anything is submitted.
   *
   * @param fn The function.
   * @throws {TypeError} saying why, and what to do instead.
   */
  check?(fn: TaskFunction): void;
  /**
   * Takes a call: runs it or queues it, in the order of submission, and reports on it once this has
   * returned. A report before that would nest the callbacks of a chain of calls in one another.
   *
   * @param call The call.
   */
  submit(call: Call): void;
  /**
   * Takes a value that is shared from now on: where it is an argument of a call, this very object,
   * it crosses to each worker once. Without this it crosses as any other.
   *
   * @param value What `scheduler.share()` was given.
   * @returns the value in the form in which it is shared, an object of its own.
   * @throws {DOMException} `DataCloneError` when it cannot cross.
   */
  share?(value: object): object;
  /**
   * Is told that a value is no longer shared: workers let go of it.
   *
   * @param value What `share()` returned.
   */
  release?(value: object): void;
  /**
   * Tells how far a call is that it has not reported on: for an executor that does not hear at once
   * of what has begun. Asked whenever somebody looks at the state of the future, and when it is
   * cancelled.
   *
   * @param call The call.
   * @returns undefined when it has not begun, as far as that is known.
   */
  progress?(call: Call): CallProgress | undefined;
  /**
   * Takes back calls that have not started: they leave the executor, and start only if they are
   * submitted again. A run that ends asks for all calls that it would otherwise have to wait for, and
   * cancels those that it gets. Without this method each call counts as taken back until it reports
   * that it has started.
   *
   * @param calls Calls that were submitted and have not been settled.
   * @returns a promise of those that are known not to have started.
   */
  takeBack?(calls: readonly Call[]): Promise<readonly Call[]>;
  /**
   * Is told that a call was cancelled: one that has not begun never starts; what runs one that has
   * begun is stopped.
   *
   * @param call The call, settled already.
   */
  cancel(call: Call): void;
  /**
   * Ends all workers. The scheduler calls it when all calls are settled, and waits for it.
   *
   * @returns a promise that resolves when nothing is left that could be ended.
   */
  shutdown(): Promise<ShutdownReport>;
}
