/**
 * One submission, as a promise and as a record of its state. `AnyTask` is here too: futures and
 * tasks refer to each other.
 *
 * @module
 */

import { type CancelOptions, checkCancelOptions } from "./cancel_options.ts";
import { isObject } from "./_base/check.ts";
import { defineInspect } from "./_base/inspect.ts";
import { now } from "./_base/time.ts";
import { FUTURE } from "./_base/is_thenable.ts";
import { futureHtml } from "./display/_to_html.ts";
import { defineDisplay } from "./_base/inspect.ts";
import type { Emitter } from "./emitter.ts";
import type { ExecutorFeature } from "./executor.ts";
import type { TaskFunction } from "./function.ts";
import type { CallLimits } from "./limits.ts";

/**
 * The state of a submission: it waits for a worker (`"pending"`), a worker runs it (`"running"`),
 * it has a result or an exception (`"done"`), or it was cancelled (`"cancelled"`).
 *
 * @example The states of a future that is cancelled
 * ```ts
 * import { type FutureState, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const states: FutureState[] = [];
 * scheduler.onStart(() => {
 *   const future = scheduler.submit(() => "never called");
 *   states.push(future.state);
 *   future.cancel();
 *   states.push(future.state);
 * });
 * await scheduler.run();
 * assertEquals(states, ["pending", "cancelled"]);
 * ```
 *
 * @category Tasks
 */
export type FutureState = "pending" | "running" | "done" | "cancelled";

/**
 * A task of any type, as plugins see it.
 *
 * @example List the idle tasks of a scheduler
 * ```ts
 * import { type AnyTask, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const idle = (tasks: readonly AnyTask[]) =>
 *   tasks.filter((task) => !task.running).map((task) => task.name);
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.task((url: string) => url, { name: "load" });
 * scheduler.task((text: string) => text.length, { name: "count" });
 * assertEquals(idle(scheduler.tasks), ["load", "count"]);
 * ```
 *
 * @category Tasks
 */
// deno-lint-ignore no-explicit-any -- a plugin serves tasks of every type
export interface AnyTask extends Emitter<any> {
  /** The function that it submits. */
  readonly function: TaskFunction;
  /** Its unsettled futures, in the order of submission. */
  readonly queue: ReadonlySet<Future<unknown>>;
  /** Whether it has unsettled futures. */
  readonly running: boolean;
  /** The number of its unsettled futures. */
  readonly runningCount: number;
  /** How many submissions were accepted, over all runs. */
  readonly submissionCount: number;
  /**
   * Refuses limits that the executor does not enforce, for plugins that set them.
   *
   * @param limits The limits.
   * @throws {TypeError} naming an executor that enforces them.
   */
  checkLimits(limits: CallLimits): void;
  /**
   * Throws unless the executor honours a feature, for plugins that need it.
   *
   * @param feature The feature.
   * @throws {TypeError} when the executor does not honour it; the message names executors that do.
   */
  checkFeature(feature: ExecutorFeature): void;
  /**
   * Submits the function.
   *
   * @param args The arguments.
   * @returns the future; undefined when a plugin declined.
   * @throws {SchedulerNotRunningError} when the scheduler is not running.
   */
  // deno-lint-ignore no-explicit-any -- a plugin serves tasks of every type
  submit(...args: any[]): Future<any, any> | undefined;
}

/**
 * The arguments of a call, where an optional one may also be undefined.
 *
 * @internal
 */
export type GivenArgs<A extends unknown[]> = {
  [K in keyof A]: object extends Pick<A, K> ? A[K] | undefined : A[K];
};

/**
 * Arguments as `submit()` takes them: in place of each, a future of it.
 *
 * @internal
 */
export type OrFutures<A extends unknown[]> = {
  [K in keyof A]: A[K] | Future<A[K]>;
};

/** The call of a future, as the future sees it. */
export interface Canceller {
  /** Cancels the call; returns false when it is settled. */
  cancel(reason?: unknown): boolean;
  /** Cancels the call unless it ends within `grace` milliseconds; returns false when it is settled. */
  askToEnd(grace: number, reason: unknown): boolean;
  /** Cancels the call without asking `onCancelled`. */
  abandon(why: string): void;
  /** Updates the state of the future: pending or running. */
  refresh(): void;
  /** Takes its place once the future is settled; one for all futures of a scheduler. */
  readonly successor?: Canceller;
}

const NO_OPTIONS: CancelOptions = {};

// The first one stands for all settled calls.
let nextId = 0;

let settle: (future: Future<unknown>, state: "done" | "cancelled", outcome: Outcome) => void;
let begin: (future: Future<unknown>, at: number, worker: number | undefined) => boolean;
let end: (future: Future<unknown>) => boolean;
let proceed: (future: Future<unknown>) => boolean;
let restart: (future: Future<unknown>) => void;
/** Whether a value is a future. A proxy is not asked, because its traps may throw. */
export let isFuture: (value: unknown) => value is Future<unknown>;
let canceller: (future: Future<unknown>) => Canceller | undefined;
let outcome: (future: Future<unknown>) => Outcome | undefined;
let open: (future: Future<unknown>, canceller: Canceller) => void;

/** The promise of an awaited future. */
interface AwaitedPromise {
  readonly promise: Promise<unknown>;
  resolve(result: unknown): void;
  reject(exception: unknown): void;
}

type Outcome = { result: unknown } | { exception: unknown };

/**
 * The pending or settled result of a submitted call.
 *
 * A future can be awaited like a promise, and settles exactly once. Its events are emitted before
 * code that awaits it resumes. A failure that nobody awaits is not an unhandled rejection, because
 * the events of scheduler and task report it.
 *
 * @example Await a future
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(async () => {
 *   const future = scheduler.submit((n: number) => n * 2, 21);
 *   assertEquals(future.state, "pending");
 *   assertEquals(await future, 42);
 *   assertEquals([future.state, future.result], ["done", 42]);
 * });
 * await scheduler.run();
 * ```
 *
 * @typeParam R The type of the result.
 * @typeParam A The arguments of the call.
 *
 * @category Tasks
 */
export class Future<R = unknown, A extends unknown[] = unknown[]> implements PromiseLike<R> {
  /** Unique in this process. */
  readonly id: number;
  /**
   * The arguments of `submit()`, without the changes and injections of plugins. The future keeps
   * them as long as it lives; buffers that moved to a worker are detached, futures among them keep
   * their results. (The type has the arguments of the function, not futures.) Do not change them.
   */
  readonly args: GivenArgs<A>;
  /** When it was submitted, in milliseconds on the clock of `performance.now()`. */
  readonly submittedAt: number;
  // Only a name for a function that was submitted without a task.
  readonly #source: AnyTask | string;
  #startedAt: number | undefined;
  #settledAt: number | undefined;
  #worker: number | undefined;
  #state: FutureState = "pending";
  #outcome: Outcome | undefined;
  #canceller: Canceller | undefined;
  #awaited: AwaitedPromise | undefined;

  static {
    open = (future, canceller) => {
      future.#canceller = canceller;
    };
    canceller = (future) =>
      isObject(future) && #canceller in future ? future.#canceller : undefined;
    isFuture = (value): value is Future<unknown> => isObject(value) && #state in value;
    outcome = (future) => future.#outcome;
    begin = (future, at, worker) => {
      const begins = future.#state !== "running";
      future.#state = "running";
      future.#startedAt ??= Math.max(future.submittedAt, at);
      future.#worker ??= worker;
      return begins;
    };
    end = (future) => {
      const ends = future.#state === "running";
      future.#state = "pending";
      return ends;
    };
    proceed = (future) => {
      const begins = future.#state !== "running";
      future.#state = "running";
      return begins;
    };
    restart = (future) => {
      future.#startedAt = undefined;
      future.#worker = undefined;
    };
    settle = (future, state, outcome) => {
      future.#state = state;
      future.#outcome = outcome;
      future.#settledAt = now();
      // The call holds values such as injected arguments, which must not live as long as the
      // result.
      future.#canceller = future.#canceller?.successor;
      if (future.#awaited !== undefined) passOn(outcome, future.#awaited);
    };
  }

  /**
   * Use `submit()` instead.
   *
   * @param source The task, or the name of a function that is submitted without one.
   * @param args The arguments.
   */
  constructor(source: AnyTask | string, args: A) {
    this.id = nextId++;
    this.#source = source;
    this.args = args as GivenArgs<A>;
    this.submittedAt = now();
  }

  /** The task that made it; undefined for `scheduler.submit()`. */
  get task(): AnyTask | undefined {
    return typeof this.#source === "string" ? undefined : this.#source;
  }

  /** The name of the task, or of the function for `scheduler.submit()`. */
  get taskName(): string {
    return typeof this.#source === "string" ? this.#source : this.#source.name;
  }

  /**
   * The state of the call. It is `"running"` while the function runs, so the number of running
   * futures never exceeds the number of workers; it is `"pending"` before that, and again until the
   * outcome has arrived.
   */
  get state(): FutureState {
    this.#canceller?.refresh();
    return this.#state;
  }

  /** Whether it has a result or an exception. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Whether it was cancelled. */
  get cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** The result; undefined while there is none. */
  get result(): R | undefined {
    const outcome = this.#outcome;
    return outcome !== undefined && "result" in outcome ? outcome.result as R : undefined;
  }

  /** The error of the call, or its `FutureCancelledError`; undefined while there is none. */
  get exception(): unknown {
    const outcome = this.#outcome;
    return outcome !== undefined && "exception" in outcome ? outcome.exception : undefined;
  }

  /** When its function was started, in milliseconds on the clock of `performance.now()`. */
  get startedAt(): number | undefined {
    if (this.#state === "pending") this.#canceller?.refresh();
    return this.#startedAt;
  }

  /**
   * The number of the worker that runs or ran its function, as in `scheduler.statistics().workers`; for
   * a call that was tried again, that of the last attempt. Undefined until its function was started,
   * and for executors that do not number their workers.
   *
   * @example Which worker ran it
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withWorkers(1);
   * scheduler.onStart(async () => {
   *   const future = scheduler.submit(() => "done");
   *   assertEquals(future.worker, undefined);
   *   await future;
   *   assertEquals(future.worker, 1);
   * });
   * await scheduler.run();
   * ```
   */
  get worker(): number | undefined {
    if (this.#state === "pending") this.#canceller?.refresh();
    return this.#worker;
  }

  /** When it was settled, in milliseconds on the clock of `performance.now()`. */
  get settledAt(): number | undefined {
    return this.#settledAt;
  }

  /**
   * Cancels the call: a pending call never starts, and the worker of a running one is terminated
   * and replaced. The future rejects with `FutureCancelledError`, and its events are emitted before
   * this returns.
   *
   * With `grace`, a running call of a task with `Comm` is asked first: its `comm.signal` aborts. If its
   * function ends within `grace` milliseconds, what it returned or threw counts. Otherwise, and as soon as
   * `cancel()` is called again, it is cancelled. Other calls are cancelled at once.
   *
   * @param options How long a running call has to end on its own, and why.
   * @returns true when it was cancelled or asked, false when it had settled before.
   * @throws {RangeError} when `grace` is negative or NaN.
   * @throws {TypeError} when an option is unknown or of the wrong type.
   * @throws {DOMException} `DataCloneError` when the reason cannot cross to the worker.
   *
   * @example Cancel a future
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * scheduler.onStart(() => {
   *   const future = scheduler.submit(() => "never called");
   *   assertEquals(future.cancel(), true);
   *   assertEquals(future.cancel(), false);
   * });
   * await scheduler.run();
   * assertEquals(scheduler.eventCounts["future-cancelled"], 1);
   * ```
   */
  cancel(options?: CancelOptions): boolean {
    const { grace, reason } = options === undefined ? NO_OPTIONS : checkCancelOptions(options);
    if (grace === undefined) return this.#canceller?.cancel(reason) ?? false;
    return this.#canceller?.askToEnd(grace, reason) ?? false;
  }

  /**
   * As `Promise.prototype.then`.
   *
   * @param onFulfilled Called with the result.
   * @param onRejected Called with the exception.
   * @returns a promise of what the callback returns.
   *
   * @example Continue with the result
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * const lengths: number[] = [];
   * scheduler.onStart(() => {
   *   scheduler.submit(() => "text").then((text) => lengths.push(text.length));
   * });
   * await scheduler.run();
   * assertEquals(lengths, [4]);
   * ```
   */
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    // deno-lint-ignore no-explicit-any -- same type as in Promise
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#toPromise().then(onFulfilled, onRejected);
  }

  /**
   * As `Promise.prototype.catch`.
   *
   * @param onRejected Called with the exception.
   * @returns a promise of the result, or of what the callback returns.
   *
   * @example A value in place of a failure
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * const parse = scheduler.task((text: string): unknown => JSON.parse(text));
   * scheduler.onStart(async () => {
   *   assertEquals(await parse.submit("{").catch(() => "no JSON"), "no JSON");
   * });
   * const exit = await scheduler.run({ onException: [[SyntaxError, "ignore"]] });
   * assertEquals(exit.code, "exhausted");
   * ```
   */
  catch<B = never>(
    // deno-lint-ignore no-explicit-any -- same type as in Promise
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<R | B> {
    return this.#toPromise().catch(onRejected);
  }

  /**
   * As `Promise.prototype.finally`.
   *
   * @param onFinally Called when the future is settled.
   * @returns a promise of the result.
   *
   * @example Run code when it has settled
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * let settled = 0;
   * scheduler.onStart(async () => {
   *   assertEquals(await scheduler.submit(() => 42).finally(() => settled++), 42);
   * });
   * await scheduler.run();
   * assertEquals(settled, 1);
   * ```
   */
  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.#toPromise().finally(onFinally);
  }

  /**
   * What notebooks show: state, arguments, outcome and times as HTML, as {@linkcode Emitter.toHTML}
   * gives it.
   *
   * @returns a `<div>` with a style of its own.
   *
   * @example A result in a page
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * scheduler.onFutureDone((future) => assertStringIncludes(future.toHTML(), "&lt;b&gt;"));
   * scheduler.onStart(() => {
   *   scheduler.submit(() => "<b>");
   * });
   * await scheduler.run();
   * ```
   */
  toHTML(): string {
    return futureHtml(this, this.#outcome);
  }

  /** The name for `Object.prototype.toString()`. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  static {
    Object.defineProperty(this.prototype, FUTURE, { value: true });
    defineDisplay(this.prototype);
    defineInspect(this, (future, options, inspect) => {
      const { id, taskName, state } = future;
      return `Future ${inspect({ id, taskName, state, ...future.#outcome }, options)}`;
    });
  }

  // Created on demand: most futures are observed by events and never awaited.
  #toPromise(): Promise<R> {
    if (this.#awaited === undefined) {
      this.#awaited = Promise.withResolvers<unknown>();
      if (this.#outcome !== undefined) passOn(this.#outcome, this.#awaited);
    }
    return this.#awaited.promise as Promise<R>;
  }
}

function passOn(outcome: Outcome, { resolve, reject }: AwaitedPromise): void {
  if ("result" in outcome) resolve(outcome.result);
  else reject(outcome.exception);
}

/** Connects a future with its call. */
export function openFuture(future: Future<unknown>, canceller: Canceller): void {
  open(future, canceller);
}

/** The call of a future; its successor once the future is settled. */
export function cancellerOf(future: Future<unknown>): Canceller | undefined {
  return canceller(future);
}

/** What the future has settled with; undefined while it is unsettled. */
export function outcomeOf(future: Future<unknown>): Outcome | undefined {
  return outcome(future);
}

/**
 * Marks a future as running since a time on the clock of `performance.now()`, on the worker with a
 * number; returns whether it was not.
 */
export function startFuture(
  future: Future<unknown>,
  at: number = now(),
  worker?: number,
): boolean {
  return begin(future, at, worker);
}

/** Marks a future as no longer running, before its outcome arrives; returns whether it was. */
export function endFuture(future: Future<unknown>): boolean {
  return end(future);
}

/** Marks a future as running though its function does not run; returns whether it was not. */
export function continueFuture(future: Future<unknown>): boolean {
  return proceed(future);
}

/** Forgets when and where the last attempt of a call was started, before the next one. */
export function restartFuture(future: Future<unknown>): void {
  restart(future);
}

/** Gives the future its result. */
export function resolveFuture(future: Future<unknown>, result: unknown): void {
  settle(future, "done", { result });
}

/** Gives the future its exception. */
export function rejectFuture(future: Future<unknown>, exception: unknown): void {
  settle(future, "done", { exception });
}

/** Marks the future as cancelled. */
export function cancelFuture(future: Future<unknown>, exception: unknown): void {
  settle(future, "cancelled", { exception });
}
