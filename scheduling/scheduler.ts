/**
 * The scheduler: accepts submissions while it runs, and reports their outcomes by events.
 *
 * @module
 */

import { ProcessExecutor, type ProcessExecutorOptions } from "../executors/process_executor.ts";
import { SequentialExecutor } from "../executors/sequential_executor.ts";
import {
  WebWorkerExecutor,
  type WebWorkerExecutorOptions,
} from "../executors/web_worker_executor.ts";
import { checkCount, checkDuration, checkFunction, ownOptions, show } from "./_base/check.ts";
import { toPlain } from "./_base/plain.ts";
import { isPlugin } from "./_check_plugin.ts";
import { checkFeature, takeExecutor } from "./_check_executor.ts";
import { checkEnforced, checkRunnable, PLAIN_REQUEST } from "./_run/check_request.ts";
import { Dispatcher } from "./_run/dispatcher.ts";
import { CallbackObserver } from "./_run/callback_observer.ts";
import { requireReceiver } from "./_base/require_receiver.ts";
import type { RunFailure } from "./_run/decisions.ts";
import { notRunningError } from "./_run/run_exit.ts";
import { Run, type RunParts } from "./_run/run.ts";
import { callStatusOf, exitOf, statusOf } from "./_run/run_status.ts";
import type { CallRequest, Submitter } from "./_submitter.ts";
import { Thresholds } from "./_thresholds.ts";
import { defineTree, PLAIN, renderScheduler } from "./display/_tree.ts";
import { SchedulerAlreadyRunningError, type SchedulerNotRunningError } from "./errors.ts";
import { Emitter, type Subscriber } from "./emitter.ts";
import type { Executor } from "./executor.ts";
import { functionName, type TaskFunction } from "./function.ts";
import type { AnyTask, Future, OrFutures } from "./future.ts";
import type { AnyPlugin } from "./plugin.ts";
import type { Declined, NoPlugin, SubmitArgs, TakesInjected } from "./plugin_types.ts";
import { type ExitState, type RunOptions, runSettings } from "./run_options.ts";
import { type StopFunction, stopOptions } from "./stop.ts";
import { type SchedulerEvents, schedulerEvents } from "./scheduler_events.ts";
import { share, type Shared } from "./shared.ts";
import type { LastExit, SchedulerStatistics } from "./statistics.ts";
import { type EventsOf, releasePlugins, Task } from "./task.ts";

/**
 * Options of `scheduler.task()`.
 *
 * @example A name and a plugin
 * ```ts
 * import { Limiter, Scheduler, type TaskOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TaskOptions<Limiter> = { name: "train", plugins: new Limiter({ maxCalls: 3 }) };
 * const task = Scheduler.withWorkers(1).task((depth: number) => depth, options);
 * assertEquals(task.name, "train");
 * assertEquals(task.eventCounts["call-limit-reached"], 0);
 * ```
 *
 * @category Scheduler
 */
export interface TaskOptions<P = AnyPlugin | readonly AnyPlugin[]> {
  /** The name shown in messages and in the tree. @default {the name of the function} */
  name?: string | undefined;
  /** A plugin, or several in the order in which they see submissions. @default {[]} */
  plugins?: P | undefined;
}

/**
 * Returned by `scheduler.callLater()`: cancels the delayed call.
 *
 * @example Cancel a delayed call
 * ```ts
 * import { type CallLaterHandle, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * let calls = 0;
 * scheduler.onStart(() => {
 *   const handle: CallLaterHandle = scheduler.callLater(0, () => calls++);
 *   handle.cancel();
 *   scheduler.callLater(10, scheduler.stop);
 * });
 * await scheduler.run({ endOnEmpty: false });
 * assertEquals(calls, 0);
 * ```
 *
 * @category Scheduler
 */
export interface CallLaterHandle extends Disposable {
  /** Cancels the call; does nothing after the function was called. */
  cancel(): void;
}

/** How many calls of a scheduler run, by the reports of its executor. */
export let runningCountOf: (scheduler: Scheduler) => number;

/**
 * Runs functions in workers, and reports their outcomes by events.
 *
 * A scheduler accepts submissions only during {@linkcode Scheduler.run}, mostly from callbacks of
 * its events. The run ends on its own when nothing is left to do.
 *
 * The events of a future have a fixed order. On submission: `future-submitted`, then the task's
 * `submitted`. On success or failure: `future-done`, `future-result` or `future-exception`, then
 * the task's `done`, and its `result` or `exception`. On cancellation: `future-cancelled`, then the
 * task's `cancelled`. A settled future leaves every queue before its first event. `finished` is the
 * last event of a run.
 *
 * Callbacks about a future run in the async context (`AsyncLocalStorage`) of its `submit()`,
 * callbacks about the run in the context of `run()`.
 *
 * Callbacks may be async. Emission does not wait for them, but a run does not become empty, finish
 * or return while one is pending. An async callback must therefore not await an event that only the
 * end of the run brings: `once("empty")`, `once("finished")`, or the end of a `stream()`. Await
 * these outside of callbacks.
 *
 * @example A chain of computations
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function collatz(n: number): number {
 *   return n % 2 === 0 ? n / 2 : 3 * n + 1;
 * }
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(collatz);
 * const answers: number[] = [];
 *
 * scheduler.onStart(() => {
 *   task.submit(12);
 * });
 * task.onResult((_future, next) => {
 *   answers.push(next);
 *   if (next !== 1) task.submit(next);
 * });
 *
 * const exit = await scheduler.run();
 * assertEquals(exit.code, "exhausted");
 * assertEquals(answers, [6, 3, 10, 5, 16, 8, 4, 2, 1]);
 * ```
 *
 * @category Scheduler
 */
export class Scheduler extends Emitter<SchedulerEvents> {
  /** Runs the functions. */
  readonly executor: Executor;
  /**
   * Ends the run: further submissions are refused, and `run()` returns once all work that `wait`
   * lets finish has settled. Takes a message, an error, or `{ message, exception }`. The first call
   * wins; without a run it does nothing.
   *
   * It is bound, so that it can be passed as a callback; it ignores other arguments. Under
   * `onException: "raise"`, `run()` rejects with the error.
   */
  readonly stop: StopFunction;
  /** Subscribes to `start`: a run began. */
  readonly onStart: Subscriber<SchedulerEvents["start"]> = this.subscriber("start");
  /** Subscribes to `future-submitted`: a submission was accepted. */
  readonly onFutureSubmitted: Subscriber<SchedulerEvents["future-submitted"]> = this.subscriber(
    "future-submitted",
  );
  /**
   * Subscribes to `future-output`: a call has printed. Throws `EventNotKnownError` unless the executor
   * has the option `output: "event"`.
   */
  readonly onFutureOutput: Subscriber<SchedulerEvents["future-output"]> = (callback, options) =>
    this.on("future-output", callback, options);
  /** Subscribes to `future-done`: a future settled with a result or an exception. */
  readonly onFutureDone: Subscriber<SchedulerEvents["future-done"]> = this.subscriber(
    "future-done",
  );
  /** Subscribes to `future-result`: a future has a result. */
  readonly onFutureResult: Subscriber<SchedulerEvents["future-result"]> = this.subscriber(
    "future-result",
  );
  /** Subscribes to `future-exception`: a future has an exception. */
  readonly onFutureException: Subscriber<SchedulerEvents["future-exception"]> = this.subscriber(
    "future-exception",
  );
  /** Subscribes to `future-cancelled`: a future was cancelled. */
  readonly onFutureCancelled: Subscriber<SchedulerEvents["future-cancelled"]> = this.subscriber(
    "future-cancelled",
  );
  /** Subscribes to `empty`: nothing is left to do. */
  readonly onEmpty: Subscriber<SchedulerEvents["empty"]> = this.subscriber("empty");
  /** Subscribes to `stop`: the run was ended by a call, an abort or an error. */
  readonly onStop: Subscriber<SchedulerEvents["stop"]> = this.subscriber("stop");
  /** Subscribes to `timeout`: the `timeout` of the run has passed. */
  readonly onTimeout: Subscriber<SchedulerEvents["timeout"]> = this.subscriber("timeout");
  /** Subscribes to `finishing`: the run is ending. */
  readonly onFinishing: Subscriber<SchedulerEvents["finishing"]> = this.subscriber("finishing");
  /** Subscribes to `finished`: the last event of a run. */
  readonly onFinished: Subscriber<SchedulerEvents["finished"]> = this.subscriber("finished");
  readonly #tasks: AnyTask[] = [];
  readonly #parts: RunParts;
  readonly #callbacks: CallbackObserver;
  readonly #submitter: Submitter;
  readonly #thresholds: Thresholds;
  #lastFailure: RunFailure | undefined;
  #lastExit: LastExit | undefined;

  /**
   * Makes a scheduler.
   *
   * @param executor Runs the functions, for this scheduler only.
   * @throws {TypeError} when it is not an executor, or another scheduler uses it.
   */
  constructor(executor: Executor) {
    takeExecutor(executor);
    const callbacks = new CallbackObserver(executor);
    const hasOutput = executor.features?.includes("output") ?? false;
    super({ name: "Scheduler", events: schedulerEvents(hasOutput) }, callbacks);
    this.executor = executor;
    this.#callbacks = callbacks;
    const dispatcher = new Dispatcher(executor, this);
    this.#parts = { events: this, executor, dispatcher, waiters: callbacks.waiters };
    this.#submitter = {
      observer: callbacks,
      hasOutput,
      workerCount: () => executor.workerCount,
      assertRunning: (action, object) => this.#assertRunning(action, object),
      checkLimits: (limits) => checkEnforced(executor, limits),
      checkFeature: (feature) => checkFeature(executor, feature),
      notRunning: (action) => this.#notRunning(action),
      submit: (submission, args, owner) => dispatcher.submit(submission, args, owner),
    };
    this.#thresholds = new Thresholds(dispatcher.queue, this.#submitter);
    this.stop = (...args: unknown[]) => callbacks.run?.stop(stopOptions(args));
  }

  /**
   * A scheduler whose functions run in Web Workers.
   *
   * @param count The maximum number of workers. @default {navigator.hardwareConcurrency}
   * @param options Options of the {@linkcode WebWorkerExecutor}.
   * @returns the scheduler; workers start when they are needed.
   * @throws {RangeError} when `count` is not a positive integer, or an option is out of range.
   * @throws {TypeError} when an option is wrong, the initializer cannot cross to a worker, or
   * `permissions` are given without `unstableWorkerOptions`.
   *
   * @example Two workers
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(Scheduler.withWorkers(2).executor.workerCount, 2);
   * ```
   */
  static withWorkers(count?: number, options: WebWorkerExecutorOptions = {}): Scheduler {
    return new Scheduler(new WebWorkerExecutor(count, options));
  }

  /**
   * A scheduler whose functions run in `deno` child processes: for functions that may never end, run
   * out of memory, crash, or must not have all permissions of this program.
   *
   * @param count The maximum number of processes. @default {navigator.hardwareConcurrency}
   * @param options Options of the {@linkcode ProcessExecutor}.
   * @returns the scheduler; processes start when they are needed.
   * @throws {RangeError} when `count` is not a positive integer, or an option is out of range.
   * @throws {TypeError} when an option is wrong, `memory` is given on another system than Linux,
   * Deno is older than 2.9.2, the program is compiled, or `permissions` are missing although this
   * program has some only in part.
   *
   * @example Code that may do nothing but compute
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertInstanceOf } from "@std/assert";
   *
   * const scheduler = Scheduler.withProcesses(1, { permissions: "none" });
   * scheduler.onStart(async () => {
   *   const denied = scheduler.submit(() => Deno.readTextFileSync("/etc/hosts"));
   *   assertInstanceOf(await denied.catch((error) => error), Deno.errors.NotCapable);
   * });
   * await scheduler.run({ onException: [[Deno.errors.NotCapable, "ignore"]] });
   * ```
   */
  static withProcesses(count?: number, options: ProcessExecutorOptions = {}): Scheduler {
    return new Scheduler(new ProcessExecutor(count, options));
  }

  /**
   * A scheduler whose functions run in this thread, one after the other: for debugging, and for
   * functions that use values that cannot cross to a worker.
   *
   * @returns the scheduler.
   *
   * @example A closure
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * let calls = 0;
   * const scheduler = Scheduler.withSequential();
   * scheduler.onStart(() => {
   *   scheduler.submit(() => calls++);
   * });
   * await scheduler.run();
   * assertEquals(calls, 1);
   * ```
   */
  static withSequential(): Scheduler {
    return new Scheduler(new SequentialExecutor());
  }

  /** Whether submissions are accepted: from `start` until the end of the run is decided. */
  get running(): boolean {
    return this.#callbacks.run?.running ?? false;
  }

  /** Whether no future is unsettled. */
  get empty(): boolean {
    return this.queue.size === 0;
  }

  /** The unsettled futures, in the order of submission. */
  get queue(): ReadonlySet<Future> {
    return this.#parts.dispatcher.queue;
  }

  /** The tasks, in the order in which they were made. */
  get tasks(): readonly AnyTask[] {
    return this.#tasks;
  }

  /**
   * Makes a task: a function with its own events.
   *
   * @typeParam A The arguments of the function.
   * @typeParam R What it returns.
   * @param fn A plain function or, by `fromModule()`, a function of a module.
   * @param options Its name, and no plugins.
   * @returns the task.
   * @throws {TypeError} when the executor cannot run the function, or an option is wrong.
   *
   * @example A task
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * const task = scheduler.task((text: string) => text.toUpperCase(), { name: "shout" });
   * assertEquals(task.name, "shout");
   * ```
   */
  task<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    options?: { name?: string | undefined; plugins?: undefined } & NoPlugin,
  ): Task<A, Awaited<R>, object, never>;
  /**
   * Makes a task with plugins; its type has their events.
   *
   * @typeParam A The arguments of the function.
   * @typeParam R What it returns.
   * @typeParam P The type of the plugins.
   * @param fn A plain function or, by `fromModule()`, a function of a module.
   * @param options Its plugins and its name.
   * @returns the task.
   * @throws {TypeError} when the executor cannot run the function or enforce the limits of a
   * plugin, a plugin serves another task already, or an option is wrong.
   *
   * @example At most two calls at a time
   * ```ts
   * import { Limiter, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(4);
   * const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxConcurrent: 2 }) });
   * const declined: number[] = [];
   * task.on("concurrent-limit-reached", (_task, n) => declined.push(n));
   * scheduler.onStart(() => {
   *   for (const n of [1, 2, 3]) task.submit(n);
   * });
   * await scheduler.run();
   * assertEquals(declined, [3]);
   * ```
   */
  task<A extends unknown[], R, const P extends AnyPlugin | readonly AnyPlugin[] | undefined>(
    fn: TaskFunction<A, R> & TakesInjected<P, A>,
    options: { plugins?: P; name?: string | undefined } & NoPlugin,
  ): Task<
    SubmitArgs<P, A>,
    Awaited<R>,
    EventsOf<P, SubmitArgs<P, A>, Awaited<R>, A[0]>,
    Declined<P>
  >;
  task(fn: TaskFunction, options: TaskOptions = {}): unknown {
    if (isPlugin(options)) {
      throw new TypeError("task() takes plugins as an option: { plugins: [plugin] }");
    }
    const { name = nameOf(fn), plugins = [] } = ownOptions("task()", options, ["name", "plugins"]);
    checkRunnable(this.executor, fn);
    if (typeof name !== "string") throw new TypeError(`name must be a string, not ${show(name)}`);
    const task = new Task(fn, name, this.#submitter);
    try {
      for (const plugin of Array.isArray(plugins) ? plugins : [plugins]) task.attachPlugin(plugin);
    } catch (error) {
      releasePlugins(task);
      throw error;
    }
    this.#tasks.push(task);
    return task;
  }

  /**
   * Submits a function with arguments, without a task.
   *
   * @typeParam A The arguments of the function.
   * @typeParam R What it returns.
   * @param fn A plain function or, by `fromModule()`, a function of a module.
   * @param args Its arguments, or futures of them, as {@linkcode Task.submit} takes them.
   * @returns the future.
   * @throws {SchedulerNotRunningError} when no run accepts submissions.
   * @throws {TypeError} when the executor cannot run the function; for a future of another scheduler.
   *
   * @example Submit and await
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * scheduler.onStart(async () => {
   *   assertEquals(await scheduler.submit((a: number, b: number) => a + b, 1, 2), 3);
   * });
   * await scheduler.run();
   * ```
   */
  submit<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    ...args: OrFutures<A>
  ): Future<Awaited<R>, A> {
    checkFunction("What is submitted", fn);
    this.#assertRunning("submit", nameOf(fn));
    const request: CallRequest = { ...PLAIN_REQUEST, function: fn as TaskFunction, args };
    return this.#parts.dispatcher.submit(request, args, nameOf(fn)) as Future<Awaited<R>, A>;
  }

  /**
   * Shares a value with the workers: it crosses to each worker once, however many calls take it.
   * Call this at any time, even before a run. The value stays shared over all runs until it is
   * released.
   *
   * The value is copied now, so later changes to the original have no effect. With Web Workers,
   * buffers and typed arrays are copied into shared memory, and no worker copies them again;
   * buffers in shared memory already are not copied at all. All tasks see what one task writes
   * there. (This holds for buffers in lists, records, maps and sets; of buffers in other objects,
   * each worker has a copy.) Of everything else, each worker has one copy, common to its tasks.
   * Treat the value as read-only.
   *
   * @typeParam T The type of the value.
   * @param value A typed array, a list or record of typed arrays, or any other object.
   * @returns the copy. Pass it as an argument of its own: inside another argument, it crosses like
   * any other value.
   * @throws {TypeError} when the value is not an object, has its own property `release`, or is
   * shared already.
   * @throws {DOMException} `DataCloneError` when the value contains something that cannot be
   * cloned.
   *
   * @example Share a data set
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const data = scheduler.share({ x: new Float64Array(1000).fill(2), scale: 3 });
   * const task = scheduler.task(({ x, scale }: { x: Float64Array; scale: number }, n: number) =>
   *   (x[n] ?? NaN) * scale
   * );
   * scheduler.onStart(async () => assertEquals(await task.submit(data, 999), 6));
   * await scheduler.run();
   * ```
   */
  share<T extends object>(value: T): Shared<T> {
    return share(value, this.executor);
  }

  /**
   * Runs until nothing is left to do, or `stop()`, the timeout, an error or `signal` ends it.
   *
   * `start` is emitted synchronously. A scheduler can run again after the run has ended: the next
   * run has new workers, and all counts continue.
   *
   * @param options When the run ends, and what it does about errors.
   * @returns how the run ended. Nothing of the run happens afterwards.
   * @throws {SchedulerAlreadyRunningError} when the scheduler is running already.
   * @throws {TypeError | RangeError} when an option is wrong; no event was emitted then.
   * @throws the error of a task or callback that `onException` raises, the error of a cancelled
   * future that `onCancelled` raises, or the reason of `signal`.
   *
   * @example End a run by its time
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * const exit = await scheduler.run({ timeout: 20, endOnEmpty: false });
   * assertEquals(exit.code, "timeout");
   * ```
   */
  run(options: RunOptions = {}): Promise<ExitState> {
    try {
      return this.#begin(options).execute();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ends the run like an abort, for `await using`. The rejection of the run counts as handled. If a
   * callback of the run calls this, it does not wait for that callback.
   *
   * @returns a promise that resolves when the run has finished completely; without a run, at once.
   *
   * @example End the run at the end of a block
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * async function firstResult(): Promise<number> {
   *   await using scheduler = Scheduler.withWorkers(1);
   *   scheduler.run({ endOnEmpty: false });
   *   return await scheduler.submit(() => 42);
   * }
   *
   * assertEquals(await firstResult(), 42);
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#callbacks.run?.dispose();
  }

  /**
   * Calls a function after a delay, in this thread and in the current async context, unless the run
   * has ended by then. A pending delayed call does not keep the run from becoming empty. The policy
   * treats its errors like those of a callback.
   *
   * @typeParam A The arguments of the function.
   * @param ms The delay in milliseconds, 0 or more, measured by the global `setTimeout()` of this
   * moment.
   * @param fn The function, which may be async.
   * @param args Its arguments.
   * @returns a handle that cancels the call.
   * @throws {SchedulerNotRunningError} when no run accepts submissions.
   * @throws {RangeError} when `ms` is negative or NaN.
   * @throws {TypeError} when `ms` is not a number, or `fn` is not a function.
   *
   * @example Stop after a delay
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * scheduler.onStart(() => {
   *   scheduler.callLater(10, scheduler.stop);
   * });
   * assertEquals((await scheduler.run({ endOnEmpty: false })).code, "stopped");
   * ```
   */
  callLater<A extends unknown[]>(
    ms: number,
    fn: (...args: A) => unknown,
    ...args: A
  ): CallLaterHandle {
    checkDuration("The delay of callLater()", ms);
    checkFunction("What callLater() calls", fn);
    const cancel = this.#assertRunning("call later").callLater(ms, () => fn(...args));
    return { cancel, [Symbol.dispose]: cancel };
  }

  /**
   * Waits until fewer than `count` futures are unsettled, so that a producer does not get ahead of the
   * workers. Everyone who waits for the same count continues at the same time. To process the items of
   * an iterable, use `task.map()`, which needs no such waiting.
   *
   * @param count A positive integer.
   * @returns a promise that fulfils then, at once if so. It rejects with `SchedulerNotRunningError`
   * when no run is under way or the run ends first; a rejection that nobody awaits is not reported as
   * unhandled.
   * @throws {RangeError} when `count` is not a positive integer.
   * @throws {TypeError} when `count` is not a number.
   *
   * @example Submit the chunks of a stream
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const lengths: number[] = [];
   * scheduler.onStart(async () => {
   *   for await (const line of ReadableStream.from(["a", "bb", "ccc"])) {
   *     await scheduler.whenBelow(4);
   *     scheduler.submit((text: string) => text.length, line).then((length) => lengths.push(length));
   *   }
   * });
   * await scheduler.run();
   * assertEquals(lengths.sort(), [1, 2, 3]);
   * ```
   */
  whenBelow(count: number): Promise<void> {
    checkCount("The count of whenBelow()", count);
    return this.#thresholds.whenBelow(count);
  }

  /**
   * A snapshot of run, executor, workers, queue, times, tasks and events. It may be taken often: how
   * long it takes depends on the number of tasks and workers, not on that of queued futures.
   *
   * @returns a record that later changes do not touch.
   *
   * @example Inspect the queue
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const { phase, pending, runningCount } = Scheduler.withWorkers(2).statistics();
   * assertEquals([phase, pending, runningCount], ["not running", 0, 0]);
   * ```
   */
  override statistics(): SchedulerStatistics {
    return {
      ...super.statistics(),
      ...statusOf(this.#callbacks.run, this.#lastExit),
      ...callStatusOf(this.executor, this.#parts.dispatcher),
      tasks: this.#tasks.map((task) => (task as unknown as Task).statistics()),
    };
  }

  /**
   * The statistics for `JSON.stringify(scheduler)`: numbers, strings, lists and records. What JSON
   * cannot express, such as a function among the options of a callback, is there as text.
   *
   * @returns the record.
   *
   * @example The answer of a server to who asks for its health
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const { phase, workers } = await Response.json(scheduler).json();
   * assertEquals([phase, workers], ["not running", []]);
   * ```
   */
  override toJSON(): SchedulerStatistics {
    return toPlain(this.statistics()) as SchedulerStatistics;
  }

  /**
   * The tree of executor, queue, tasks, events and callbacks, without colours.
   *
   * @returns the text.
   *
   * @example Print a scheduler
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertStringIncludes } from "@std/assert";
   *
   * assertStringIncludes(Scheduler.withWorkers(2).toString(), "WebWorkerExecutor");
   * ```
   */
  override toString(): string {
    return renderScheduler(this.statistics(), PLAIN);
  }

  static {
    runningCountOf = (scheduler) => scheduler.#parts.dispatcher.runningCount;
    defineTree(this, renderScheduler);
    requireReceiver(this, "scheduler");
  }

  #begin(options: RunOptions): Run {
    const settings = runSettings(options);
    if (this.#callbacks.run !== undefined) {
      throw new SchedulerAlreadyRunningError(
        "Cannot run: the scheduler is running already; await the run before the next one",
      );
    }
    settings.signal?.throwIfAborted();
    const run = new Run(settings, this.#parts, () => this.#ended(run));
    this.#callbacks.run = run;
    this.#parts.dispatcher.run = run;
    this.#parts.dispatcher.outcomes.times.begin();
    this.#parts.dispatcher.output.begin(run.display);
    return run;
  }

  #ended(run: Run): void {
    this.#lastFailure = run.exit.failure;
    this.#lastExit = exitOf(run);
    this.#parts.dispatcher.outcomes.times.end();
    this.#callbacks.run = undefined;
    this.#parts.dispatcher.run = undefined;
  }

  #assertRunning(action: string, object?: string): Run {
    const run = this.#callbacks.run;
    if (run?.running) return run;
    throw this.#notRunning(object === undefined ? action : `${action} ${object}`);
  }

  #notRunning(action: string): SchedulerNotRunningError {
    return notRunningError(action, this.#callbacks.run?.exit, this.#lastFailure);
  }
}

function nameOf(fn: TaskFunction): string {
  return functionName(fn) || "anonymous";
}
