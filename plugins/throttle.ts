/**
 * Bounds how many calls of a task run at a time, and how many start in a while.
 *
 * @module
 */

import { checkCount, ownOptions } from "../scheduling/_base/check.ts";
import type { Plugin, Submission } from "../scheduling/plugin.ts";
import { StartWindow } from "./_start_window.ts";
import { Turns } from "./_turns.ts";

/**
 * Options of {@linkcode Throttle}: `maxConcurrent`, or `maxStarts` and `interval`, or all three.
 *
 * @example Ten requests a second
 * ```ts
 * import { Scheduler, Throttle, type ThrottleOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ThrottleOptions = { maxStarts: 10, interval: 1000 };
 * const scheduler = Scheduler.withWorkers(4);
 * const ask = scheduler.task((n: number) => n, { plugins: new Throttle(options) });
 * scheduler.onStart(async () => assertEquals(await ask.submit(1), 1));
 * await scheduler.run();
 * ```
 *
 * @category Plugins
 */
export interface ThrottleOptions {
  /** How many calls of the task may be with the executor at a time. @default {Infinity} */
  maxConcurrent?: number | undefined;
  /** How many calls may be sent to the executor in any window of `interval`. @default {Infinity} */
  maxStarts?: number | undefined;
  /** The length of the window in milliseconds, by the clock and timers that are found at the time. */
  interval?: number | undefined;
}

/**
 * Delays calls: it accepts every submission, and holds back calls beyond its limits. Held calls go to the
 * executor in order of priority, then of submission. A call counts from when it is sent until it has
 * ended, which is before its `future-done`, or is cancelled.
 *
 * Calls that wait for something else, such as futures among their arguments, count only after that;
 * results of plugins that need no worker do not count. Each attempt of a call that is tried again counts.
 *
 * @example At most two calls at a time
 * ```ts
 * import { Scheduler, Throttle } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(4);
 * const task = scheduler.task((n: number) => n, { plugins: new Throttle({ maxConcurrent: 2 }) });
 * const results: number[] = [];
 * scheduler.onStart(() => {
 *   for (let n = 0; n < 10; n++) task.submit(n);
 * });
 * task.onResult((_future, n) => results.push(n));
 * await scheduler.run();
 * assertEquals(results.length, 10);
 * ```
 *
 * @category Plugins
 */
export class Throttle implements Plugin {
  /** Its name. */
  readonly name = "throttle";
  /** Types only, never present. */
  declare readonly types?: { events: object; injects: never };
  readonly #options: ThrottleOptions;
  readonly #window: StartWindow | undefined;
  readonly #turns: Turns;

  /**
   * Makes a plugin for one task.
   *
   * @param options The limits.
   * @throws {RangeError} for a limit that is not a positive integer.
   * @throws {TypeError} for an unknown option or one of the wrong type; without a limit, and for
   * `maxStarts` without `interval` or the reverse.
   */
  constructor(options: ThrottleOptions) {
    const own = ownOptions("A Throttle", options, ["maxConcurrent", "maxStarts", "interval"]);
    const { maxConcurrent, maxStarts, interval } = own;
    if (maxConcurrent !== undefined) checkCount("maxConcurrent", maxConcurrent);
    if (maxStarts !== undefined) checkCount("maxStarts", maxStarts);
    if (interval !== undefined) checkCount("interval", interval);
    checkComplete(own);
    this.#options = own;
    if (maxStarts !== undefined && interval !== undefined) {
      this.#window = new StartWindow(maxStarts, interval);
    }
    this.#turns = new Turns(maxConcurrent ?? Infinity, this.#window);
  }

  /**
   * Holds the call until it is its turn.
   *
   * @param submission The submission.
   * @returns a submission that waits.
   */
  preSubmit(submission: Submission): Submission {
    return { ...submission, after: this.#turns.add(submission.priority) };
  }

  /**
   * The limits and how far they are used, for the tree.
   *
   * @returns a record with an entry for each limit that is set, and how many calls are held.
   */
  statistics(): Readonly<Record<string, string | number>> {
    const { maxConcurrent, maxStarts, interval } = this.#options;
    return {
      ...(maxConcurrent !== undefined && {
        maxConcurrent: `${this.#turns.takenCount}/${maxConcurrent}`,
      }),
      ...(maxStarts !== undefined && { maxStarts: `${this.#window?.size ?? 0}/${maxStarts}` }),
      ...(interval !== undefined && { interval }),
      held: this.#turns.waitingCount,
    };
  }
}

function checkComplete({ maxConcurrent, maxStarts, interval }: ThrottleOptions): void {
  if (maxStarts !== undefined && interval === undefined) {
    throw new TypeError("maxStarts needs interval: the milliseconds in which so many may start");
  }
  if (interval !== undefined && maxStarts === undefined) {
    throw new TypeError("interval needs maxStarts: how many may start in it");
  }
  if (maxConcurrent === undefined && maxStarts === undefined) {
    throw new TypeError("A Throttle needs a limit: maxConcurrent, or maxStarts and interval");
  }
}
