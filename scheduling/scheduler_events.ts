// Results of all tasks pass through the scheduler; only each task knows its types.
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
  /** Nothing is left to do: every future has settled, and no async callback is pending. */
  empty: [];
  /** `stop()`, an abort, an exception or a cancellation ended the run. */
  stop: [message: string, exception?: unknown];
  /** The `timeout` of the run has passed. */
  timeout: [];
  /** The run is ending: submissions are refused. */
  finishing: [];
  /** The last event of a run. */
  finished: [];
  /** A submission was accepted. */
  "future-submitted": [future: Future<any, any>];
  /** The call of a future has printed. Only with the option `output: "event"` of the executor. */
  "future-output": [future: Future<any, any>, text: string, stream: "stdout" | "stderr"];
  /** A future settled with a result or an exception. */
  "future-done": [future: Future<any, any>];
  /** A future has a result. */
  "future-result": [future: Future<any, any>, result: any];
  /** A future has an exception. */
  "future-exception": [future: Future<any, any>, error: unknown];
  /** A future was cancelled. */
  "future-cancelled": [future: Future<any, any>];
};

const NAMES: readonly (keyof SchedulerEvents)[] = [
  "start",
  "future-submitted",
  "future-output",
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

/** Their names, in the order of the tree. */
export function schedulerEvents(hasOutput: boolean): readonly (keyof SchedulerEvents)[] {
  return hasOutput ? NAMES : NAMES.filter((name) => name !== "future-output");
}
