/**
 * How workers of any kind start.
 *
 * @module
 */

import { checkDuration, checkFunction } from "../scheduling/_base/check.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";

/**
 * How workers of any kind start.
 *
 * @example Prepare each worker
 * ```ts
 * import { Scheduler, type StartOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: StartOptions = {
 *   initializer: () => {
 *     Object.assign(globalThis, { scale: 3 });
 *   },
 *   startTimeout: 10_000,
 * };
 * const scheduler = Scheduler.withWorkers(1, options);
 * const scale = scheduler.task((n: number) => n * Reflect.get(globalThis, "scale"));
 * scheduler.onStart(async () => assertEquals(await scale.submit(2), 6));
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export interface StartOptions {
  /**
   * Called without arguments in each new worker before it takes calls, and waited for: to load data,
   * open a connection, seed a generator. A function as those that are submitted. What it leaves in
   * globals, or in variables of its module, is there for the calls. A worker whose initializer fails
   * counts as failed to start. What it opens, listeners of the worker for `unload` or SIGTERM may
   * close: an idle worker is asked to end, and calls them.
   */
  initializer?: TaskFunction<[]> | undefined;
  /**
   * Milliseconds after which a worker that does not take calls, its initializer included, counts as
   * failed to start.
   *
   * @default {30_000}
   */
  startTimeout?: number | undefined;
}

/** The names of the options. */
export const START_OPTIONS = ["initializer", "startTimeout"] as const;

/** The options with their defaults; throws for any that is wrong. */
export function startSettings(
  { initializer, startTimeout = 30_000 }: StartOptions,
): { readonly initializer: TaskFunction | undefined; readonly timeout: number } {
  checkDuration("startTimeout", startTimeout);
  if (initializer !== undefined) {
    checkFunction("initializer", initializer);
    functionSource(initializer);
  }
  return { initializer, timeout: startTimeout };
}
