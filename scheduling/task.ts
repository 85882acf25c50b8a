/**
 * A function with the events of its submissions.
 *
 * @module
 */

import { checkCount, shortened } from "./_base/check.ts";
import { checkPlugin } from "./_check_plugin.ts";
import { PluginChain } from "./_plugins/chain.ts";
import { FutureQueue, type QueueNode, TASK_LINKS } from "./_future_queue.ts";
import { Histogram, percentilesOf } from "./_base/histogram.ts";
import { Tally } from "./_base/tally.ts";
import { requireReceiver } from "./_base/require_receiver.ts";
import { defineTree, PLAIN, renderTask } from "./display/_tree.ts";
import { toPlain } from "./_base/plain.ts";
import { detailsOf } from "./_describe.ts";
import type { CallOwner, Submitter } from "./_submitter.ts";
import { Thresholds } from "./_thresholds.ts";
import type { Items } from "./_map/input.ts";
import type { MappedTask } from "./_map/mapped_results.ts";
import { Emitter, type EventArgs, type Subscriber } from "./emitter.ts";
import { functionText, type TaskFunction } from "./function.ts";
import type { AnyTask, Future, OrFutures } from "./future.ts";
import type { ExecutorFeature } from "./executor.ts";
import type { CallLimits } from "./limits.ts";
import { mapItems, type MapOptions, type SoleArgument } from "./map.ts";
import type { AnyPlugin, ThisArgs, ThisFuture, ThisInjected, ThisTask } from "./plugin.ts";
import type {
  DeclaredBy,
  Declined,
  EachPlugin,
  Injected,
  Intersection,
  PluginMeta,
} from "./plugin_types.ts";
import type { TaskStatistics } from "./statistics.ts";
import {
  type CheckedOptions,
  checkOptions,
  NO_OPTIONS,
  type SubmitOptions,
} from "./submit_options.ts";
import { type TaskEvents, taskEvents } from "./task_events.ts";

/**
 * The arguments of a plugin event, with the placeholders replaced by the types of the task.
 *
 * @internal
 */
export type FilledEvent<T, A extends unknown[], R, I> = T extends [infer First, ...infer Rest]
  ? [...FilledArgument<First, A, R, I>, ...FilledEvent<Rest, A, R, I>]
  : T extends unknown[] ? T
  : never;

/**
 * The arguments that one argument of a plugin event stands for.
 *
 * @internal
 */
export type FilledArgument<T, A extends unknown[], R, I> =
  // Every type accepts any and never.
  0 extends 1 & T ? [T]
    : [T] extends [never] ? [T]
    : [T] extends [ThisArgs] ? [...args: A]
    : [T] extends [ThisTask] ? [task: Task<A, R>]
    : [T] extends [ThisFuture] ? [future: Future<R, A>]
    : [T] extends [ThisInjected<infer K>] ? [DeclaredBy<I, K>]
    : [T];

/**
 * The events of plugins, with the placeholders replaced by the types of the task.
 *
 * @internal
 */
export type FilledEvents<Events, A extends unknown[], R, I> = {
  [K in keyof Events]: FilledEvent<Events[K], A, R, I>;
};

/**
 * The events that plugins `P` add to a task of arguments `A` and result `R`, whose function has a first
 * parameter of type `I` that a plugin injects.
 *
 * @example The type of a task with a plugin
 * ```ts
 * import { type Declined, type EventsOf, Limiter, Scheduler, type Task } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type Limited = Task<
 *   [n: number],
 *   number,
 *   EventsOf<Limiter, [n: number], number>,
 *   Declined<Limiter>
 * >;
 * const scheduler = Scheduler.withSequential();
 * const task: Limited = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
 * const declined: number[] = [];
 * task.on("call-limit-reached", (_task, n) => declined.push(n));
 * scheduler.onStart(() => {
 *   task.submit(1);
 *   task.submit(2);
 * });
 * await scheduler.run();
 * assertEquals(declined, [2]);
 * ```
 *
 * @category Plugins
 */
export type EventsOf<P, A extends unknown[], R, I = unknown> = FilledEvents<
  Intersection<PluginMeta<EachPlugin<P>, "events">>,
  A,
  R,
  I
>;

const NONE: readonly never[] = Object.freeze([] as never[]);
const attached = new WeakMap<AnyPlugin, AnyTask>();

/**
 * A function with the events of its submissions. Made by `scheduler.task()`.
 *
 * @example Chain two tasks
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const double = scheduler.task((n: number) => n * 2);
 * const describe = scheduler.task((n: number) => `the answer is ${n}`);
 * const answers: string[] = [];
 *
 * scheduler.onStart(() => {
 *   double.submit(21);
 * });
 * double.onResult((_future, n) => describe.submit(n));
 * describe.onResult((_future, text) => answers.push(text));
 *
 * await scheduler.run();
 * assertEquals(answers, ["the answer is 42"]);
 * ```
 *
 * @typeParam A The arguments of `submit()`.
 * @typeParam R The result of the function.
 * @typeParam E The events that plugins add.
 * @typeParam D `undefined` when a plugin can decline, else `never`.
 *
 * @category Tasks
 */
export class Task<
  A extends unknown[] = unknown[],
  R = unknown,
  E extends object = object,
  D = undefined,
> extends Emitter<TaskEvents<A, R> & E> {
  /** The function that it submits. */
  readonly function: TaskFunction;
  /** Subscribes to `submitted`: a submission was accepted. */
  readonly onSubmitted: Subscriber<[future: Future<R, A>, ...args: A]>;
  /**
   * Subscribes to `output`: a call has printed. Throws `EventNotKnownError` unless the executor has the
   * option `output: "event"`.
   */
  readonly onOutput: Subscriber<TaskEvents<A, R>["output"]>;
  /** Subscribes to `done`: a future settled with a result or an exception. */
  readonly onDone: Subscriber<[future: Future<R, A>]>;
  /** Subscribes to `result`: a future has a result. */
  readonly onResult: Subscriber<[future: Future<R, A>, value: R]>;
  /** Subscribes to `exception`: a future has an exception. */
  readonly onException: Subscriber<[future: Future<R, A>, error: unknown]>;
  /** Subscribes to `cancelled`: a future was cancelled. */
  readonly onCancelled: Subscriber<[future: Future<R, A>]>;
  readonly #submitter: Submitter;
  readonly #thresholds: Thresholds;
  readonly #owner: CallOwner;
  readonly #plugins: PluginChain;
  readonly #queue: FutureQueue<R, A> = new FutureQueue(
    TASK_LINKS,
    (node) => node.owner === this.#owner,
  );
  #submissionCount = 0;

  /**
   * Use `scheduler.task()` instead.
   *
   * @param fn The function.
   * @param name The name shown in messages and in the tree.
   * @param submitter The scheduler.
   */
  constructor(fn: TaskFunction, name: string, submitter: Submitter) {
    super({ name, events: taskEvents(submitter.hasOutput) }, submitter.observer);
    this.submit = this.submit.bind(this);
    this.map = this.map.bind(this) as this["map"];
    this.function = fn;
    this.#submitter = submitter;
    this.#thresholds = new Thresholds(this.#queue, submitter);
    this.#plugins = new PluginChain((error) => submitter.observer.threw([error]));
    const events = this as unknown as Emitter<TaskEvents<A, R>>;
    this.onSubmitted = events.subscriber("submitted") as typeof this.onSubmitted;
    this.onOutput = (callback, options) => events.on("output", callback as never, options);
    this.onDone = events.subscriber("done") as typeof this.onDone;
    this.onResult = events.subscriber("result") as typeof this.onResult;
    this.onException = events.subscriber("exception") as typeof this.onException;
    this.onCancelled = events.subscriber("cancelled") as typeof this.onCancelled;
    this.#owner = {
      task: this as AnyTask,
      plugins: this.#plugins,
      heldCount: 0,
      awaitedTasks: new Tally(),
      runningTimes: new Histogram(),
      enter: (node) => {
        this.#submissionCount++;
        this.#queue.append(node as QueueNode);
      },
      leave: (node) => this.#queue.remove(node as QueueNode),
      emit: (event, ...args) =>
        events.emit(event, ...args as EventArgs<TaskEvents<A, R>[typeof event]>),
    };
  }

  /** Its unsettled futures, in the order of submission. */
  get queue(): ReadonlySet<Future<R, A>> {
    return this.#queue;
  }

  /** Whether it has unsettled futures. */
  get running(): boolean {
    return this.#queue.size > 0;
  }

  /** The number of its unsettled futures. */
  get runningCount(): number {
    return this.#queue.size;
  }

  /** How many submissions were accepted, over all runs. */
  get submissionCount(): number {
    return this.#submissionCount;
  }

  /** Its plugins, in the order in which they see submissions. */
  get plugins(): readonly AnyPlugin[] {
    return this.#plugins.plugins;
  }

  /**
   * Submits the function with arguments. Do not change the arguments before the future has settled:
   * they are copied only when a worker takes the call, large buffers while a process gets them. It is
   * bound, so that it can be passed on: `numbers.map(task.submit)`.
   *
   * An argument may be a future of this scheduler. The call is held, and counts as pending, until all
   * such futures have results, which then take their places; `future.args` and the `submitted` event
   * have the futures. If one fails or is cancelled, the call fails with the same error, which
   * `onException` does not judge again.
   *
   * @param args The arguments, or futures of them.
   * @returns the future; undefined when a plugin declined.
   * @throws {SchedulerNotRunningError} when the scheduler is not running.
   * @throws {TypeError} when a plugin returns no submission, or one whose function or limits the
   * executor cannot run or enforce; for a future of another scheduler.
   * @throws the error that `preSubmit()` of a plugin throws; nothing was submitted then.
   *
   * @example Submit a call
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * const double = scheduler.task((n: number) => n * 2);
   * scheduler.onStart(async () => assertEquals(await double.submit(21), 42));
   * await scheduler.run();
   * ```
   *
   * @example Submit a call that needs the results of others
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const load = scheduler.task((text: string) => text.length);
   * const sum = scheduler.task((a: number, b: number) => a + b);
   * scheduler.onStart(async () => {
   *   assertEquals(await sum.submit(load.submit("one"), load.submit("three")), 8);
   * });
   * await scheduler.run();
   * ```
   */
  submit(...args: OrFutures<A>): Future<R, A> | D {
    return this.#submit(args as A, NO_OPTIONS);
  }

  /**
   * Submits a call for each item and iterates over the results. It takes items as fast as results are
   * read, a bounded number ahead, so memory stays flat however long the input and however slow the
   * loop. Bound, as `submit()` is.
   *
   * Nothing starts before the first `next()`. From then until it ends, the iteration counts as a
   * pending callback of the run. The first error ends it at its turn: the exception of a call, which
   * `onException` has judged already; an error of the input or of `args`; or
   * `SubmissionDeclinedError` when a plugin declines an item. If it ends early, by an error, by leaving
   * the loop or by `signal`, unsettled calls are cancelled without asking `onCancelled`, and the input
   * is closed. If the run ends first, `next()` rejects with `SchedulerNotRunningError`, and the run
   * waits for unsettled calls or cancels them.
   *
   * @typeParam T The type of the items.
   * @param items An iterable or an async iterable.
   * @param options `args` returns the arguments for an item, `concurrency` bounds how many items are
   * taken ahead, `ordered: false` gives results as they come, `signal` ends the iteration.
   * @returns the results.
   * @throws {TypeError} when `items` is not iterable, or an option is unknown or of the wrong type.
   * @throws {RangeError} when `concurrency` is not a positive integer.
   *
   * @example Items with other arguments
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const power = scheduler.task((base: number, exponent: number) => base ** exponent);
   * scheduler.onStart(async () => {
   *   const powers = power.map([1, 2, 3], { args: (n) => [n, 3], ordered: true });
   *   assertEquals(await Array.fromAsync(powers), [1, 8, 27]);
   * });
   * assertEquals((await scheduler.run()).code, "exhausted");
   * ```
   */
  map<T>(
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<T, A> & { args: (item: T) => A },
  ): AsyncGenerator<R, void, void>;
  /**
   * Submits a call for each item, its only argument, and iterates over the results.
   *
   * @param items An iterable or an async iterable.
   * @param options The same options; `args` may be left out.
   * @returns the results.
   * @throws {TypeError} when `items` is not iterable, or an option is unknown or of the wrong type.
   * @throws {RangeError} when `concurrency` is not a positive integer.
   *
   * @example The first square over 1000
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * function* numbers(): Generator<number> {
   *   for (let n = 1;; n++) yield n;
   * }
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const square = scheduler.task((n: number) => n * n);
   * scheduler.onStart(async () => {
   *   for await (const result of square.map(numbers())) {
   *     if (result < 1000) continue;
   *     assertEquals(result, 1024);
   *     break;
   *   }
   * });
   * assertEquals((await scheduler.run()).code, "exhausted");
   * ```
   */
  map(
    items: Iterable<SoleArgument<A>> | AsyncIterable<SoleArgument<A>>,
    options?: MapOptions<SoleArgument<A>, A>,
  ): AsyncGenerator<R, void, void>;
  map<T>(
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<T, A> = {},
  ): AsyncGenerator<R, void, void> {
    return mapItems(this.#mappedWith(NO_OPTIONS), items, options);
  }

  /**
   * Waits until fewer than `count` futures of the task are unsettled, as `scheduler.whenBelow()` does
   * for all.
   *
   * @param count A positive integer.
   * @returns a promise that fulfils then, at once if so. It rejects with `SchedulerNotRunningError`
   * when no run is under way or the run ends first; a rejection that nobody awaits is not reported as
   * unhandled.
   * @throws {RangeError} when `count` is not a positive integer.
   * @throws {TypeError} when `count` is not a number.
   *
   * @example Never more than two unsettled calls
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assert } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(2);
   * const square = scheduler.task((n: number) => n * n);
   * scheduler.onStart(async () => {
   *   for (let n = 0; n < 10; n++) {
   *     await square.whenBelow(2);
   *     square.submit(n);
   *     assert(square.runningCount <= 2);
   *   }
   * });
   * await scheduler.run();
   * ```
   */
  whenBelow(count: number): Promise<void> {
    checkCount("The count of whenBelow()", count);
    return this.#thresholds.whenBelow(count);
  }

  /**
   * Sets options for one submission, or for each of a `map()`.
   *
   * @param options `signal` cancels the future, `transfer` lists objects that move to the worker,
   * `priority` lets the call overtake queued ones, and `limits` bounds what it may use.
   * @returns an object whose `submit()` and `map()` use them.
   * @throws {RangeError} when `priority` is not finite, or a limit is negative, NaN, or no valid size.
   * @throws {TypeError} when an option is unknown or of the wrong type, or the executor does not honour
   * the priority or a limit.
   *
   * @example Cancel after a delay
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * const task = scheduler.task(() => new Promise(() => setTimeout(() => {}, 60_000)));
   * scheduler.onStart(() => {
   *   const deadline = new AbortController();
   *   task.with({ signal: deadline.signal }).submit();
   *   scheduler.callLater(10, () => deadline.abort());
   * });
   * await scheduler.run();
   * assertEquals(task.eventCounts.cancelled, 1);
   * ```
   */
  with(options: SubmitOptions): Pick<this, "submit" | "map"> {
    const checked = checkOptions(options, this.#submitter);
    const mapped = this.#mappedWith(checked);
    const bound = {
      submit: (...args: A) => this.#submit(args, checked),
      map: <T>(items: Items<T>, options: MapOptions<T, A> = {}) => mapItems(mapped, items, options),
    };
    return bound as Pick<this, "submit" | "map">;
  }

  /**
   * Attaches another plugin, which sees submissions after the plugins before it. The returned task
   * has its events in the type. (`scheduler.task(fn, { plugins })` does the same for each plugin.)
   *
   * @typeParam P The type of the plugin.
   * @param plugin The plugin. One that injects changes the arguments of `submit()`: pass it to
   * `task()`.
   * @returns the task, with the events of the plugin in its type.
   * @throws {TypeError} when the plugin serves a task already, is no plugin, or adds an event that
   * the task has.
   * @throws the error that its `attachTask()` throws, such as for limits that the executor does not
   * enforce. The plugin is not attached then.
   *
   * @example Limit a task later
   * ```ts
   * import { Limiter, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * const task = scheduler.task((n: number) => n);
   * const limited = task.attachPlugin(new Limiter({ maxCalls: 10 }));
   * assertEquals(limited.eventCounts["call-limit-reached"], 0);
   * assertEquals(task.plugins.length, 1);
   * ```
   */
  attachPlugin<const P extends AnyPlugin>(
    plugin: [Injected<P>] extends [never] ? P : never,
  ): Task<A, R, E & EventsOf<P, A, R>, D | Declined<P>> {
    checkPlugin(plugin);
    const other = attached.get(plugin);
    if (other !== undefined) throw attachedError(plugin.name, this as AnyTask, other);
    const events = plugin.events ?? [];
    this.addEvents(events);
    try {
      plugin.attachTask?.(this as AnyTask);
    } catch (error) {
      this.removeEvents(events);
      throw error;
    }
    attached.set(plugin, this as AnyTask);
    this.#plugins.add(plugin);
    return this as never;
  }

  /**
   * Refuses limits that the executor does not enforce, for plugins that set them.
   *
   * @param limits The limits.
   * @throws {TypeError} naming an executor that enforces them.
   *
   * @example Check before the first submission
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertThrows } from "@std/assert";
   *
   * const task = Scheduler.withSequential().task(() => {});
   * assertThrows(() => task.checkLimits({ wallTime: 100 }), TypeError, "withWorkers()");
   * ```
   */
  checkLimits(limits: CallLimits): void {
    this.#submitter.checkLimits(limits);
  }

  /**
   * Throws unless the executor honours a feature, for plugins that need it.
   *
   * @param feature The feature.
   * @throws {TypeError} when the executor does not honour it; the message names executors that do.
   *
   * @example Ask before anything is submitted
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertThrows } from "@std/assert";
   *
   * const task = Scheduler.withSequential().task(() => {});
   * task.checkFeature("priority");
   * assertThrows(() => task.checkFeature("limits"), TypeError, "withWorkers()");
   * ```
   */
  checkFeature(feature: ExecutorFeature): void {
    this.#submitter.checkFeature(feature);
  }

  /**
   * A snapshot of function, plugins, queue and events.
   *
   * @returns a record that later changes do not touch.
   *
   * @example Count unsettled futures
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const task = Scheduler.withSequential().task((n: number) => n);
   * assertEquals(task.statistics().queueSize, 0);
   * ```
   */
  override statistics(): TaskStatistics {
    return {
      ...super.statistics(),
      function: functionText(this.function),
      plugins: this.plugins.map((plugin) => ({
        name: plugin.name,
        details: detailsOf(plugin),
      })),
      queueSize: this.#queue.size,
      held: this.#owner.heldCount,
      waitsFor: this.#owner.awaitedTasks.names,
      runningTime: percentilesOf(this.#owner.runningTimes),
    };
  }

  /**
   * The statistics for `JSON.stringify(task)`: numbers, strings, lists and records. What JSON cannot
   * express is there as text.
   *
   * @returns the record.
   *
   * @example What a task is called, in JSON
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const task = Scheduler.withSequential().task((n: number) => n, { name: "same" });
   * assertEquals(JSON.parse(JSON.stringify(task)).name, "same");
   * ```
   */
  override toJSON(): TaskStatistics {
    return toPlain(this.statistics()) as TaskStatistics;
  }

  /**
   * The tree of function, plugins, events and callbacks, without colours.
   *
   * @returns the text.
   *
   * @example Print a task
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const task = Scheduler.withSequential().task((n: number) => n, { name: "same" });
   * assertStringIncludes(task.toString(), "same");
   * ```
   */
  override toString(): string {
    return renderTask(this.statistics(), PLAIN);
  }

  static {
    defineTree(this, renderTask);
    requireReceiver(this, "task", ["submit", "map"]);
  }

  #mappedWith(options: CheckedOptions): MappedTask {
    const submit = (args: unknown[]) => this.#submit(args as A, options) as Future | undefined;
    return { name: this.name, submitter: this.#submitter, submit };
  }

  #submit(args: A, options: CheckedOptions): Future<R, A> | D {
    this.#submitter.assertRunning("submit", this.name);
    const request = this.#plugins.preSubmit({
      task: this as AnyTask,
      function: this.function,
      args,
      injected: NONE,
      transfer: options.transfer ?? NONE,
      signal: options.signal,
      limits: options.limits,
      priority: options.priority,
    });
    if (request === null) return undefined as D;
    // A plugin may have stopped the run.
    this.#submitter.assertRunning("submit", this.name);
    return this.#submitter.submit(request, args, this.#owner) as Future<R, A>;
  }
}

function attachedError(plugin: string, task: AnyTask, other: AnyTask): TypeError {
  if (task === other) {
    return new TypeError(
      `Cannot attach plugin ${plugin} to ${task.name} again: it serves it already`,
    );
  }
  // Tasks without names differ by their functions.
  const [to, from] = task.name === other.name
    ? [task, other].map((each) => `the task of ${shortened(functionText(each.function))}`)
    : [task.name, other.name];
  const serves = to === from ? `another task of the same function` : from;
  return new TypeError(
    `Cannot attach plugin ${plugin} to ${to}: it serves ${serves}; make another one`,
  );
}

/** Releases the plugins of a task that could not be made, so that another task can have them. */
export function releasePlugins({ plugins }: { readonly plugins: readonly AnyPlugin[] }): void {
  for (const plugin of plugins) attached.delete(plugin);
}
