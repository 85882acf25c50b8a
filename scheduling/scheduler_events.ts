// The results of every task pass through the scheduler; only the task knows its types.
// deno-lint-ignore-file no-explicit-any
/**
 * The events of every scheduler.
 *
 * @module
 */

import type { Future } from "./future.ts";

/**
 * The events of every scheduler, with their arguments.
 *
 * @example Listen to several
 * ```ts
 * import { Scheduler, type SchedulerEvents } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const names: (keyof SchedulerEvents)[] = ["start", "empty", "finishing", "finished"];
 * const scheduler = Scheduler.withSequential();
 * const seen: string[] = [];
 * for (const name of names) scheduler.on(name, () => seen.push(name));
 * await scheduler.run();
 * assertEquals(seen, names);
 * ```
 *
 * @category Events
 */
export type SchedulerEvents = {
  /** A run began. */
  start: [];
  /** The last future of the queue has settled, or `start` submitted nothing. */
  empty: [];
  /** `stop()`, an abort, an exception or a cancellation ended the run. */
  stop: [message: string, exception?: unknown];
  /** The time of the run is up. */
  timeout: [];
  /** The run is ending: nothing can be submitted any more. */
  finishing: [];
  /** The last event of a run. */
  finished: [];
  /** A submission was accepted. */
  "future-submitted": [future: Future<any, any>];
  /** A future settled with a result or an exception. */
  "future-done": [future: Future<any, any>];
  /** A future has a result. */
  "future-result": [future: Future<any, any>, result: any];
  /** A future has an exception. */
  "future-exception": [future: Future<any, any>, error: unknown];
  /** A future was cancelled. */
  "future-cancelled": [future: Future<any, any>];
};

/** Their names, in the order in which the tree shows them. */
export const SCHEDULER_EVENTS: readonly (keyof SchedulerEvents)[] = [
  "start",
  "future-submitted",
  "future-done",
  "future-result",
  "future-exception",
  "future-cancelled",
  "empty",
  "stop",
  "timeout",
  "finishing",
  "finished",
];
