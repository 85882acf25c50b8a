/**
 * Caps the total and the concurrent submissions of a task.
 *
 * @module
 */

import { checkCountOrInfinity, ownOptions, show } from "../scheduling/_base/check.ts";
import type { AnyTask } from "../scheduling/future.ts";
import type { Plugin, Submission, ThisArgs, ThisTask } from "../scheduling/plugin.ts";

/**
 * The events that a {@linkcode Limiter} adds to its task, each with the task and the arguments.
 *
 * @example Count declined submissions
 * ```ts
 * import { Limiter, type LimiterEvents, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
 * const names: (keyof LimiterEvents)[] = ["call-limit-reached", "concurrent-limit-reached"];
 * scheduler.onStart(() => {
 *   task.submit(1);
 *   task.submit(2);
 * });
 * await scheduler.run();
 * assertEquals(names.map((name) => task.eventCounts[name]), [1, 0]);
 * ```
 *
 * @category Plugins
 */
export type LimiterEvents = {
  /** `maxCalls` submissions were accepted already. */
  "call-limit-reached": [ThisTask, ThisArgs];
  /** `maxConcurrent` futures are unsettled. */
  "concurrent-limit-reached": [ThisTask, ThisArgs];
  /** A task of `notWhileRunning` has unsettled futures. */
  "disabled-due-to-running-task": [ThisTask, ThisArgs];
};

/**
 * Options of {@linkcode Limiter}.
 *
 * @example Decline while another task is running
 * ```ts
 * import { Limiter, type LimiterOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const load = scheduler.task(() => "data");
 * const options: LimiterOptions = { notWhileRunning: load };
 * const clear = scheduler.task(() => {}, { plugins: new Limiter(options) });
 * scheduler.onStart(() => {
 *   load.submit();
 *   assertEquals(clear.submit(), undefined);
 * });
 * await scheduler.run();
 * assertEquals(clear.eventCounts["disabled-due-to-running-task"], 1);
 * ```
 *
 * @category Plugins
 */
export interface LimiterOptions {
  /** The maximum number of accepted submissions, over all runs. @default {Infinity} */
  maxCalls?: number | undefined;
  /** The maximum number of unsettled futures of the task. @default {Infinity} */
  maxConcurrent?: number | undefined;
  /** The task declines while one of these tasks has unsettled futures. @default {[]} */
  notWhileRunning?: AnyTask | readonly AnyTask[] | undefined;
}

/**
 * Caps total and concurrent submissions. Over a cap, `submit()` returns undefined, and the event of
 * that limit is emitted. The limits are checked in the order of the options. A submission that a
 * later plugin declines is not counted.
 *
 * @example Put declined items back
 * ```ts
 * import { Limiter, Requeue, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxConcurrent: 2 }) });
 * const items = new Requeue([1, 2, 3, 4]);
 * const results: number[] = [];
 *
 * function submitNext() {
 *   const { value } = items.next();
 *   if (value !== undefined) task.submit(value);
 * }
 *
 * scheduler.onStart(submitNext, { repeat: 3 });
 * task.on("concurrent-limit-reached", (_task, n) => items.requeue(n));
 * task.onResult((_future, n) => results.push(n));
 * task.onResult(submitNext);
 *
 * await scheduler.run();
 * assertEquals(results.toSorted(), [1, 2, 3, 4]);
 * ```
 *
 * @category Plugins
 */
export class Limiter implements Plugin<LimiterEvents> {
  /** Its name. */
  readonly name = "limiter";
  /** The names of the events that it adds. */
  readonly events: readonly (keyof LimiterEvents)[] = [
    "call-limit-reached",
    "concurrent-limit-reached",
    "disabled-due-to-running-task",
  ];
  /** Types only, never present. */
  declare readonly types?: { events: LimiterEvents; injects: never };
  readonly #maxCalls: number;
  readonly #maxConcurrent: number;
  readonly #others: readonly AnyTask[];
  #task: AnyTask | undefined;

  /**
   * Makes a plugin for one task.
   *
   * @param options The limits.
   * @throws {RangeError} when a limit is neither a positive integer nor `Infinity`.
   * @throws {TypeError} when an option is unknown or of the wrong type, or `notWhileRunning`
   * contains anything but tasks.
   */
  constructor(options: LimiterOptions) {
    const own = ownOptions("A Limiter", options, ["maxCalls", "maxConcurrent", "notWhileRunning"]);
    const { maxCalls = Infinity, maxConcurrent = Infinity, notWhileRunning = [] } = own;
    checkCountOrInfinity("maxCalls", maxCalls);
    checkCountOrInfinity("maxConcurrent", maxConcurrent);
    this.#maxCalls = maxCalls;
    this.#maxConcurrent = maxConcurrent;
    this.#others = Array.isArray(notWhileRunning) ? [...notWhileRunning] : [notWhileRunning];
    this.#others.forEach(checkTask);
  }

  /**
   * Checks and keeps the task.
   *
   * @param task The task.
   * @throws {RangeError} when the task is one of `notWhileRunning`.
   */
  attachTask(task: AnyTask): void {
    if (this.#others.includes(task)) {
      throw new RangeError(`notWhileRunning must not list ${task.name} itself: it would never run`);
    }
    this.#task = task;
  }

  /**
   * Declines a submission over a limit, and emits the event of that limit.
   *
   * @param submission The submission.
   * @returns the same submission, or null.
   */
  preSubmit(submission: Submission): Submission | null {
    const { task, args } = submission;
    const limit = this.#reached(task);
    if (limit === undefined) return submission;
    task.emit(limit, task, ...args);
    return null;
  }

  /**
   * The limits and their current use, for the tree.
   *
   * @returns a record with an entry for each limit that is set.
   */
  statistics(): Readonly<Record<string, string>> {
    const { submissionCount = 0, runningCount = 0 } = this.#task ?? {};
    const others = this.#others.map((task) => task.name).join(",");
    return {
      ...(this.#maxCalls !== Infinity && { maxCalls: `${submissionCount}/${this.#maxCalls}` }),
      ...(this.#maxConcurrent !== Infinity && {
        maxConcurrent: `${runningCount}/${this.#maxConcurrent}`,
      }),
      ...(this.#others.length > 0 && { notWhileRunning: others }),
    };
  }

  #reached(task: AnyTask): keyof LimiterEvents | undefined {
    if (task.submissionCount >= this.#maxCalls) return "call-limit-reached";
    if (task.runningCount >= this.#maxConcurrent) return "concurrent-limit-reached";
    if (this.#others.some((other) => other.running)) return "disabled-due-to-running-task";
    return undefined;
  }
}

function checkTask(task: AnyTask): void {
  if (typeof task?.submit !== "function") {
    throw new TypeError(`notWhileRunning takes tasks, not ${show(task)}`);
  }
}
