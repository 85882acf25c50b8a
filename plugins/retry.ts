/**
 * Tries calls of a task again that have failed.
 *
 * @module
 */

import {
  checkCount,
  checkDuration,
  checkFinite,
  checkFunction,
  isClass,
  ownOptions,
  show,
} from "../scheduling/_base/check.ts";
import { isThenable } from "../scheduling/_base/is_thenable.ts";
import { callAfter, userTimers } from "../scheduling/_base/time.ts";
import { WorkerLostError } from "../scheduling/errors.ts";
import type { AnyTask, Future } from "../scheduling/future.ts";
import type { CallOutcome, Plugin, ThisFuture } from "../scheduling/plugin.ts";

/**
 * The event that a {@linkcode Retry} adds to its task.
 *
 * @example Log the attempts that failed
 * ```ts
 * import { Retry, type RetryEvents, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * let calls = 0;
 * const task = scheduler.task(() => {
 *   if (++calls < 3) throw new RangeError(`not yet: ${calls}`);
 *   return calls;
 * }, { plugins: new Retry({ maxAttempts: 3, backoff: 1, retryIf: () => true }) });
 * const name: keyof RetryEvents = "retry";
 * const log: string[] = [];
 * task.on(name, (_future, attempt, error) => log.push(`attempt ${attempt}: ${error}`));
 * scheduler.onStart(async () => assertEquals(await task.submit(), 3));
 * await scheduler.run();
 * assertEquals(log, ["attempt 1: RangeError: not yet: 1", "attempt 2: RangeError: not yet: 2"]);
 * ```
 *
 * @category Plugins
 */
export type RetryEvents = {
  /**
   * An attempt has failed and the call will be tried again: its future, the number of the attempt that has
   * failed, 1 for the first, and its error. Emitted before the pause; the future does not settle.
   */
  retry: [ThisFuture, attempt: number, error: unknown];
};

/**
 * Options of {@linkcode Retry}. `backoff` and `retryIf` are passed the number of the attempt that has
 * failed, 1 for the first, as the event `retry` is.
 *
 * @example Retry busy services, with a pause of one second
 * ```ts
 * import { Retry, type RetryOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: RetryOptions = {
 *   maxAttempts: 5,
 *   backoff: 1000,
 *   retryIf: (error) => error instanceof Deno.errors.Http,
 * };
 * const scheduler = Scheduler.withWorkers(1);
 * const load = scheduler.task((path: string) => `page ${path}`, { plugins: new Retry(options) });
 * scheduler.onStart(async () => assertEquals(await load.submit("/"), "page /"));
 * await scheduler.run();
 * ```
 *
 * @category Plugins
 */
export interface RetryOptions {
  /** How many attempts a call has, the first one included. */
  maxAttempts: number;
  /**
   * Milliseconds before the next attempt, by the timers that are found at the time.
   * @default {exponentialBackoff()}
   */
  backoff?: number | ((attempt: number) => number) | undefined;
  /**
   * Whether to try again after this error. By default, if the worker was lost while it ran the call:
   * `WorkerLostError`, but not with the reason `"undeliverable"`.
   * @default {a lost worker}
   */
  retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
}

/**
 * Options of {@linkcode exponentialBackoff}.
 *
 * @example Without chance
 * ```ts
 * import { exponentialBackoff, type ExponentialBackoffOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ExponentialBackoffOptions = { initialDelay: 500, maxDelay: 3000, jitter: 0 };
 * const backoff = exponentialBackoff(options);
 * assertEquals([1, 2, 3, 4, 5].map(backoff), [500, 1000, 2000, 3000, 3000]);
 * ```
 *
 * @category Plugins
 */
export interface ExponentialBackoffOptions {
  /** The longest pause after the first attempt, in milliseconds. @default {100} */
  initialDelay?: number | undefined;
  /** The factor by which the pause grows with each attempt, 1 or more. @default {2} */
  multiplier?: number | undefined;
  /** The longest pause of all, in milliseconds. @default {30_000} */
  maxDelay?: number | undefined;
  /** The part of the pause that is random: from 0, none of it, to 1, all of it. @default {1} */
  jitter?: number | undefined;
}

/**
 * Pauses that double with each attempt and are random, so that calls which failed together do not come
 * back together: the "full jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015. It is what `retry()` of `@std/async` does between its attempts.
 *
 * @param options How long the pauses are.
 * @returns a function for the option `backoff` of {@linkcode Retry}: after attempt n the pause is random
 * between 0 and `initialDelay * multiplier ** (n - 1)`, at most `maxDelay`.
 * @throws {RangeError} if a delay is negative or not finite, `multiplier` is below 1, or `jitter` is not
 * between 0 and 1.
 * @throws {TypeError} for an unknown option or one of the wrong type.
 *
 * @example Pauses up to 0.1, 0.2, 0.4 seconds
 * ```ts
 * import { exponentialBackoff } from "@amltk/scheduling";
 * import { assert } from "@std/assert";
 *
 * const backoff = exponentialBackoff();
 * assert(backoff(1) <= 100);
 * assert(backoff(3) <= 400);
 * assert(backoff(1000) <= 30_000);
 * ```
 *
 * @category Plugins
 */
export function exponentialBackoff(
  options: ExponentialBackoffOptions = {},
): (attempt: number) => number {
  const known = ["initialDelay", "multiplier", "maxDelay", "jitter"];
  const own = ownOptions("exponentialBackoff()", options, known);
  const { initialDelay = 100, multiplier = 2, maxDelay = 30_000, jitter = 1 } = own;
  checkDelay("initialDelay", initialDelay);
  checkDelay("maxDelay", maxDelay);
  checkFinite("multiplier", multiplier);
  if (multiplier < 1) throw new RangeError(`multiplier must be 1 or more, not ${multiplier}`);
  checkFinite("jitter", jitter);
  if (jitter < 0 || jitter > 1) {
    throw new RangeError(`jitter must be from 0 to 1, not ${jitter}`);
  }
  return (attempt) => {
    // Not Infinity, which times 0 is not a number.
    const growth = Math.min(multiplier ** (attempt - 1), Number.MAX_VALUE);
    return Math.min(maxDelay, initialDelay * growth) * (1 - jitter * Math.random());
  };
}

/**
 * Tries a call again whose attempt has failed. The caller has one future, which settles with the outcome
 * of the last attempt; errors of earlier attempts reach no `exception` event and no `onException`, only
 * the event `retry`. `startedAt` is the start of the last attempt.
 *
 * During the pause the future is `pending`: it can be cancelled, keeps the run alive, and is cancelled when
 * the run ends, unless under `wait: "all"`. Then the call goes to the end of its priority. Each attempt
 * is a call of its own for `Throttle`, `ResourceLimits` and `Comm`; `Limiter` counts the submission once. The order
 * of plugins makes no difference.
 *
 * A call is not tried again, whatever its error, if it moves objects to the worker, because they are
 * gone, if a future among its arguments has failed, or if `cancel({ grace })` has asked it to end. If `retryIf` or `backoff` throws, or returns a wrong
 * value, the `run` part of `onException` judges that error, and the call settles with its outcome.
 *
 * @example A worker that is lost by bad luck
 * ```ts
 * import { Retry, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const attempts = new Int32Array(new SharedArrayBuffer(4));
 * const task = scheduler.task((attempts: Int32Array) => {
 *   if (Atomics.add(attempts, 0, 1) === 0) Deno.exit(1);
 *   return "done";
 * }, { plugins: new Retry({ maxAttempts: 3, backoff: 0 }) });
 * scheduler.onStart(async () => assertEquals(await task.submit(attempts), "done"));
 * await scheduler.run();
 * assertEquals([task.eventCounts.retry, task.eventCounts.result], [1, 1]);
 * ```
 *
 * @category Plugins
 */
export class Retry implements Plugin<RetryEvents> {
  /** Its name. */
  readonly name = "retry";
  /** The names of the events that it adds. */
  readonly events: readonly (keyof RetryEvents)[] = ["retry"];
  /** Types only, never present. */
  declare readonly types?: { events: RetryEvents; injects: never };
  readonly #maxAttempts: number;
  readonly #backoff: number | ((attempt: number) => number);
  readonly #retryIf: (error: unknown, attempt: number) => boolean;
  // How many attempts of a call have failed.
  readonly #failures = new WeakMap<Future, number>();
  // How to stop the timers of the calls that pause.
  readonly #timers = new Map<Future, () => void>();
  #attemptCount = 0;
  #retryCount = 0;

  /**
   * Makes a plugin for one task.
   *
   * @param options How often, after which errors and after which pause.
   * @throws {RangeError} when `maxAttempts` is not a positive integer, or `backoff` is negative or not
   * finite.
   * @throws {TypeError} when an option is missing, unknown or of the wrong type.
   */
  constructor(options: RetryOptions) {
    const own = ownOptions("A Retry", options, ["maxAttempts", "backoff", "retryIf"]);
    const { maxAttempts, backoff = exponentialBackoff(), retryIf = isLostWorker } = own;
    checkCount("maxAttempts", maxAttempts);
    checkFunction("retryIf", retryIf);
    if (isClass(retryIf)) {
      throw new TypeError(
        `retryIf must be a function of the error, not ${show(retryIf)}: ` +
          `(error) => error instanceof ${retryIf.name}`,
      );
    }
    checkBackoff(backoff);
    this.#maxAttempts = maxAttempts;
    this.#backoff = backoff;
    this.#retryIf = retryIf;
  }

  /**
   * Watches for cancelled futures.
   *
   * @param task The task.
   */
  attachTask(task: AnyTask): void {
    task.on("cancelled", (future) => this.#stopTimer(future), { hidden: true });
  }

  /**
   * Decides whether a call is tried again, emits `retry` if so, and begins the pause.
   *
   * @param future The future.
   * @param outcome What the attempt has ended with.
   * @param canRetry Whether the call can be tried again.
   * @returns a promise for the end of the pause, or nothing.
   */
  preSettle(
    future: Future,
    outcome: CallOutcome,
    canRetry: boolean,
  ): { retry: Promise<void> } | void {
    this.#attemptCount++;
    if (!("exception" in outcome)) return;
    const { exception } = outcome;
    const attempt = (this.#failures.get(future) ?? 0) + 1;
    this.#failures.set(future, attempt);
    if (!canRetry || attempt >= this.#maxAttempts || !this.#asksRetryIf(exception, attempt)) return;
    const delay = this.#delayAfter(attempt);
    future.task?.emit("retry", future, attempt, exception);
    // A callback may have cancelled the call.
    if (future.settledAt !== undefined) return;
    this.#retryCount++;
    return { retry: this.#pause(future, delay) };
  }

  /**
   * The limit and what has happened so far, for the tree.
   *
   * @returns a record of the limit, how many attempts have ended, how many calls were tried again, and how
   * many pause.
   */
  statistics(): Readonly<Record<string, number>> {
    return {
      maxAttempts: this.#maxAttempts,
      attempts: this.#attemptCount,
      retries: this.#retryCount,
      waiting: this.#timers.size,
    };
  }

  #asksRetryIf(error: unknown, attempt: number): boolean {
    const retryIf = this.#retryIf;
    const answer = retryIf(error, attempt);
    if (isThenable(answer)) {
      throw new TypeError(`retryIf must return true or false, not ${show(answer)}`);
    }
    return answer;
  }

  #delayAfter(attempt: number): number {
    const backoff = this.#backoff;
    if (typeof backoff === "number") return backoff;
    const delay = backoff(attempt);
    checkDelay(`The result of backoff(${attempt})`, delay);
    return delay;
  }

  #pause(future: Future, milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = callAfter(milliseconds, () => {
        this.#timers.delete(future);
        resolve();
      }, userTimers());
      this.#timers.set(future, stop);
    });
  }

  #stopTimer(future: Future): void {
    this.#timers.get(future)?.();
    this.#timers.delete(future);
  }
}

function isLostWorker(error: unknown): boolean {
  return error instanceof WorkerLostError && error.reason !== "undeliverable";
}

function checkBackoff(backoff: unknown): void {
  if (typeof backoff === "function") return;
  if (typeof backoff !== "number") {
    throw new TypeError(
      `backoff must be milliseconds or a function of the attempt, not ${show(backoff)}`,
    );
  }
  checkDelay("backoff", backoff);
}

function checkDelay(where: string, value: unknown): void {
  checkFinite(where, value);
  checkDuration(where, value);
}
