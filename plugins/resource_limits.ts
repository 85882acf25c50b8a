/**
 * Limits what each call of a task may use up.
 *
 * @module
 */

import { checkDuration, ownOptions } from "../scheduling/_base/check.ts";
import { toBytes } from "../scheduling/_base/bytes.ts";
import { CpuTimeLimitError, MemoryLimitError, WallTimeLimitError } from "../scheduling/errors.ts";
import type { AnyTask, Future } from "../scheduling/future.ts";
import { type CallLimits, limitNames, memoryTexts, NO_LIMITS } from "../scheduling/limits.ts";
import type { Plugin, Submission, ThisFuture } from "../scheduling/plugin.ts";

/**
 * The events that {@linkcode ResourceLimits} adds, each with the future and its error.
 *
 * @example Count what was given up
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
  /** The function ran longer than it may. */
  "wall-time-limit-reached": [ThisFuture, error: WallTimeLimitError];
  /** It used more CPU time than it may. */
  "cpu-time-limit-reached": [ThisFuture, error: CpuTimeLimitError];
  /** It used more memory than it may. */
  "memory-limit-reached": [ThisFuture, error: MemoryLimitError];
};

/**
 * Options of {@linkcode ResourceLimits}; one at least.
 *
 * @example Limits as they are given
 * ```ts
 * import { ResourceLimits, type ResourceLimitsOptions } from "@amltk/scheduling";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const options: ResourceLimitsOptions = { wallTime: 60_000, memory: "512 MiB" };
 * assertEquals(new ResourceLimits(options).statistics(), { wallTime: 60_000, memory: "512 MiB" });
 * assertThrows(() => new ResourceLimits({ memory: "512 megs" }), RangeError);
 * ```
 *
 * @category Plugins
 */
export interface ResourceLimitsOptions {
  /**
   * Milliseconds that each call may take, counted from when its worker turns to it: the loading of
   * the function's module counts, the time in the queue does not.
   */
  wallTime?: number | undefined;
  /**
   * Milliseconds of CPU time that each call may use, of all threads of its process together. Needs
   * processes.
   */
  cpuTime?: number | undefined;
  /**
   * How much the memory of the process may grow during each call: bytes, or a text with the unit B,
   * kB, MB, GB, KiB, MiB or GiB, such as `"512 MiB"`. Needs processes.
   */
  memory?: number | string | undefined;
}

const REACHED = [
  { limit: "wallTime", type: WallTimeLimitError, event: "wall-time-limit-reached" },
  { limit: "cpuTime", type: CpuTimeLimitError, event: "cpu-time-limit-reached" },
  { limit: "memory", type: MemoryLimitError, event: "memory-limit-reached" },
] as const;

/**
 * Limits what each call of a task may use up: the time on the clock, CPU time, memory.
 *
 * A call that reaches a limit is stopped by ending its worker, which is replaced; no other task is
 * touched. Its future fails with `WallTimeLimitError`, `CpuTimeLimitError` or `MemoryLimitError`, and
 * the plugin's event is emitted right before the task's `exception`. The time in the queue does not
 * count.
 *
 * Web Workers enforce `wallTime`; child processes enforce all three, on Linux and macOS (elsewhere
 * `wallTime`). CPU time and memory are measured every 10 ms inside the process, so that a call may
 * use a little more before it is stopped. A Web Worker that never yields cannot be stopped by
 * anybody: see `ExitState.runaways`.
 *
 * @example Give up on what takes too long
 * ```ts
 * import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const wait = scheduler.task(
 *   (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
 *   { plugins: new ResourceLimits({ wallTime: 50 }) },
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
   * @throws {RangeError} for a limit that is negative, not a number, or no size.
   * @throws {TypeError} for an unknown option, one of the wrong type, and when there is none.
   */
  constructor(options: ResourceLimitsOptions) {
    const own = ownOptions("ResourceLimits", options, ["wallTime", "cpuTime", "memory"]);
    const { wallTime, cpuTime, memory } = own;
    if (wallTime !== undefined) checkDuration("wallTime", wallTime);
    if (cpuTime !== undefined) checkDuration("cpuTime", cpuTime);
    const bytes = memory === undefined ? undefined : toBytes("memory", memory);
    const limits = { wallTime, cpuTime, memory: bytes };
    const names = limitNames(limits);
    if (names.length === 0) {
      throw new TypeError("ResourceLimits needs one of wallTime, cpuTime and memory at least");
    }
    this.#limits = Object.fromEntries(names.map((name) => [name, limits[name]]));
    this.#given = Object.fromEntries(names.map((name) => [name, own[name]]));
  }

  /**
   * Is told which task it limits.
   *
   * @param task The task.
   * @throws {TypeError} when the executor cannot enforce one of the limits.
   */
  attachTask(task: AnyTask): void {
    task.checkLimits(this.#limits);
  }

  /**
   * Sets the limits of a submission.
   *
   * @param submission What is about to be submitted.
   * @returns a copy of it with the limits.
   */
  preSubmit(submission: Submission): Submission {
    const others = submission.limits;
    const limits = others === NO_LIMITS ? this.#limits : { ...others, ...this.#limits };
    const { memory } = this.#given;
    if (typeof memory === "string") memoryTexts.set(limits, memory);
    return { ...submission, limits };
  }

  /**
   * Emits the event of the limit that a future has failed by.
   *
   * @param future The future.
   * @param error What it failed with.
   */
  preException(future: Future, error: unknown): void {
    for (const { limit, type, event } of REACHED) {
      // A function may throw such an error itself, of limits of its own.
      if (!(error instanceof type) || error.limit !== this.#limits[limit]) continue;
      future.task?.emit(event, future, error);
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
