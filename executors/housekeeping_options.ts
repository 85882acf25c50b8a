/**
 * How long workers of any kind live.
 *
 * @module
 */

import { checkCountOrInfinity, checkCountUpTo, checkDuration } from "../scheduling/_base/check.ts";
import type { HousekeepingSettings } from "./_pool/housekeeping.ts";

/**
 * How long workers of any kind live. Without these options a worker starts when there is a call for
 * it, and ends with the run.
 *
 * A worker that ends or is replaced by them runs no call: an idle one is asked to end first, so that
 * the listeners of its tasks are called. A fresh worker runs the initializer, gets shared values
 * again and compiles functions again. It may start while the one that it replaces is still ending.
 *
 * @example Workers that hold no memory for long
 * ```ts
 * import { type HousekeepingOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: HousekeepingOptions = { maxCallsPerWorker: 2, idleTimeout: 60_000, warmUp: 1 };
 * const scheduler = Scheduler.withWorkers(1, options);
 * const task = scheduler.task((n: number) => n);
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 3, 4, 5]) task.submit(n);
 * });
 * await scheduler.run();
 * assertEquals(scheduler.statistics().workers.map(({ starts }) => starts), [3]);
 * ```
 *
 * @category Executors
 */
export interface HousekeepingOptions {
  /**
   * How many calls a worker runs, a positive integer or `Infinity`. Then it is replaced as soon as it
   * is idle: for functions that leak memory or leave something behind. Calls that could not be sent
   * do not count.
   *
   * @default {Infinity}
   */
  maxCallsPerWorker?: number | undefined;
  /**
   * How many milliseconds a worker waits for a call before it ends. The next call that finds no idle
   * worker starts one again.
   *
   * @default {Infinity}
   */
  idleTimeout?: number | undefined;
  /**
   * How many workers stay, however long they are idle: an integer from 0 to the number of workers.
   * One that `maxCallsPerWorker` ends is replaced at once if fewer are left, else with the next call
   * that needs one.
   *
   * @default {0}
   */
  minWorkers?: number | undefined;
  /**
   * How many workers start with a run, before there are calls for them: an integer from 0 to the
   * number of workers, or `true` for all. One that cannot start is not tried again before there is a
   * call for it.
   *
   * @default {0}
   */
  warmUp?: number | boolean | undefined;
}

/** The names of the options. */
export const HOUSEKEEPING_OPTIONS = [
  "maxCallsPerWorker",
  "idleTimeout",
  "minWorkers",
  "warmUp",
] as const;

/** The options with their defaults, for so many workers; throws for any that is wrong. */
export function housekeepingSettings(
  options: HousekeepingOptions,
  workerCount: number,
): HousekeepingSettings {
  const { maxCallsPerWorker = Infinity, idleTimeout = Infinity, minWorkers = 0 } = options;
  checkCountOrInfinity("maxCallsPerWorker", maxCallsPerWorker);
  checkDuration("idleTimeout", idleTimeout);
  checkCountUpTo("minWorkers", minWorkers, workerCount);
  const warmUp = warmUpCount(options.warmUp ?? 0, workerCount);
  return { maxCallsPerWorker, idleTimeout, minWorkers, warmUp };
}

function warmUpCount(warmUp: number | boolean, workerCount: number): number {
  if (typeof warmUp === "boolean") return warmUp ? workerCount : 0;
  checkCountUpTo("warmUp", warmUp, workerCount, "a number, true or false");
  return warmUp;
}
