/**
 * The options by which workers of any kind start.
 *
 * @module
 */

import { checkDuration, checkFunction, show } from "../scheduling/_base/check.ts";
import type { ExecutorFeature } from "../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";

/**
 * The options by which workers of any kind start.
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
   * Runs once in each new worker before any call, and is awaited: to load data, open a connection, or
   * seed a generator. It takes no arguments and crosses like a submitted function. Calls find what it
   * leaves in globals or in variables of its module. A worker whose initializer fails counts as failed to
   * start. To close what it opened, listen for `unload` or SIGTERM in the worker: an idle worker is asked
   * to end and calls these listeners.
   */
  initializer?: TaskFunction<[]> | undefined;
  /**
   * Milliseconds within which a worker must be ready for calls, its initializer included. A slower one
   * counts as failed to start.
   *
   * @default {30_000}
   */
  startTimeout?: number | undefined;
  /**
   * Where what functions print goes: to the output of this program, or, with `"event"`, to the events
   * `output` of the task and `future-output` of the scheduler. These come in the order of printing, before
   * `future-done` of the call. Longer texts come in pieces of at most 16,384 UTF-16 code units.
   *
   * @default {"inherit"}
   */
  output?: "inherit" | "event" | undefined;
}

/** The names of the options. */
export const START_OPTIONS = ["initializer", "startTimeout", "output"] as const;

/** The features of an executor with these options. */
export function featuresWith({ output = "inherit" }: StartOptions): readonly ExecutorFeature[] {
  if (output !== "inherit" && output !== "event") {
    throw new TypeError(`output must be "inherit" or "event", not ${show(output)}`);
  }
  return ["limits", "priority", "comm", ...(output === "event" ? ["output"] as const : [])];
}

/** Checks the options and fills in their defaults; throws if one is wrong. */
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
