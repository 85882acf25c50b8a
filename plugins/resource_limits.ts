/**
 * Limits the time and memory of each call of a task.
 *
 * @module
 */

import { CpuTimeLimitError, MemoryLimitError, WallTimeLimitError } from "../scheduling/errors.ts";
import type { AnyTask, Future } from "../scheduling/future.ts";
import {
  type ResourceLimitsOptions,
  tighterLimits,
  toLimits,
} from "../scheduling/limit_options.ts";
import { type CallLimits, isOfReachedLimit, limitNames } from "../scheduling/limits.ts";
import type { Plugin, Submission, ThisFuture } from "../scheduling/plugin.ts";

export type { ResourceLimitsOptions } from "../scheduling/limit_options.ts";

/**
 * The events that {@linkcode ResourceLimits} adds, each with the future and its error.
 *
 * @example Count calls that took too long
 * ```ts
 * import {
 *   LimitError,
 *   ResourceLimits,
 *   type ResourceLimitsEvents,
 *   Scheduler,
 * } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(() => new Promise(() => {}), {
 *   plugins: new ResourceLimits({ wallTime: 20 }),
 * });
 * const name: keyof ResourceLimitsEvents = "wall-time-limit-reached";
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * await scheduler.run({ onException: [[LimitError, "ignore"]] });
 * assertEquals(task.eventCounts[name], 1);
 * ```
 *
 * @category Plugins
 */
export type ResourceLimitsEvents = {
  /** A call reached its limit of elapsed time. */
  "wall-time-limit-reached": [ThisFuture, error: WallTimeLimitError];
  /** A call reached its limit of CPU time. */
  "cpu-time-limit-reached": [ThisFuture, error: CpuTimeLimitError];
  /** A call reached its limit of memory. */
  "memory-limit-reached": [ThisFuture, error: MemoryLimitError];
};

const REACHED = [
  { type: WallTimeLimitError, event: "wall-time-limit-reached" },
  { type: CpuTimeLimitError, event: "cpu-time-limit-reached" },
  { type: MemoryLimitError, event: "memory-limit-reached" },
] as const;

/**
 * Limits the elapsed time, CPU time and memory of each call of a task.
 *
 * When a call reaches a limit, its worker is terminated and replaced; no other call is affected.
 * The future fails with `WallTimeLimitError`, `CpuTimeLimitError` or `MemoryLimitError`, and the
 * event of the plugin is emitted right before the `exception` of the task. Time in the queue does
 * not count.
 *
 * Web Workers enforce `wallTime`. Child processes enforce all three limits on Linux and macOS, and
 * `wallTime` elsewhere. They measure CPU time and memory every 10 ms, so a call may exceed these
 * limits a little before it is stopped. A Web Worker that never yields cannot be stopped at all:
 * see `ExitState.runaways`.
 *
 * @example Limit the elapsed time
 * ```ts
 * import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const wait = scheduler.task(
 *   (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
 *   { plugins: new ResourceLimits({ wallTime: 1_000 }) },
 * );
 * const given: number[] = [];
 * wait.on("wall-time-limit-reached", (future) => given.push(...future.args));
 * wait.onException((_future, error) => assertInstanceOf(error, WallTimeLimitError));
 * scheduler.onStart(() => {
 *   wait.submit(1);
 *   wait.submit(60_000);
 * });
 * await scheduler.run({ onException: [[WallTimeLimitError, "ignore"]] });
 * assertEquals(given, [60_000]);
 * ```
 *
 * @category Plugins
 */
export class ResourceLimits implements Plugin<ResourceLimitsEvents> {
  /** Its name. */
  readonly name = "resource-limits";
  /** The names of the events that it adds. */
  readonly events: readonly (keyof ResourceLimitsEvents)[] = REACHED.map(({ event }) => event);
  /** Types only, never present. */
  declare readonly types?: { events: ResourceLimitsEvents; injects: never };
  readonly #limits: CallLimits;
  readonly #given: ResourceLimitsOptions;

  /**
   * Makes a plugin for one task.
   *
   * @param options The limits.
   * @throws {RangeError} when a limit is negative, NaN, or no valid size.
   * @throws {TypeError} when an option is unknown or of the wrong type, or no limit is given.
   */
  constructor(options: ResourceLimitsOptions) {
    this.#limits = toLimits("ResourceLimits", options);
    this.#given = Object.fromEntries(
      limitNames(this.#limits).map((name) => [name, options[name]]),
    );
  }

  /**
   * Checks that the executor of the task enforces the limits.
   *
   * @param task The task.
   * @throws {TypeError} when the executor cannot enforce one of the limits.
   */
  attachTask(task: AnyTask): void {
    task.checkLimits(this.#limits);
  }

  /**
   * Sets the limits of a submission. If `task.with()` or an earlier plugin has set the same limit, the
   * tighter one applies.
   *
   * @param submission The submission.
   * @returns a copy with the limits.
   */
  preSubmit(submission: Submission): Submission {
    return { ...submission, limits: tighterLimits(submission.limits, this.#limits) };
  }

  /**
   * Emits the event of the limit that a future has reached.
   *
   * @param future The future.
   * @param error Its exception.
   */
  preException(future: Future, error: unknown): void {
    // The function may have thrown such an error itself, for another limit.
    if (!isOfReachedLimit(error)) return;
    for (const { type, event } of REACHED) {
      if (error instanceof type) future.task?.emit(event, future, error);
    }
  }

  /**
   * The limits as they were given, for the tree.
   *
   * @returns a record with an entry for each limit that is set.
   */
  statistics(): Readonly<Record<string, unknown>> {
    return { ...this.#given };
  }
}
