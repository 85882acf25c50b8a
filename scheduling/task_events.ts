/**
 * The events of every task.
 *
 * @module
 */

import type { Future } from "./future.ts";

/**
 * The events of every task.
 *
 * @example Listen to several
 * ```ts
 * import { Scheduler, type TaskEvents } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const names: (keyof TaskEvents<[n: number], number>)[] = ["submitted", "done", "result"];
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((n: number) => n);
 * const seen: string[] = [];
 * for (const name of names) task.on(name, () => seen.push(name));
 * scheduler.onStart(() => {
 *   task.submit(1);
 * });
 * await scheduler.run();
 * assertEquals(seen, names);
 * ```
 *
 * @typeParam A The arguments of the task.
 * @typeParam R Its result.
 *
 * @category Events
 */
export type TaskEvents<A extends unknown[], R> = {
  /** A submission was accepted. */
  submitted: [future: Future<R, A>, ...args: A];
  /** The call of a future has printed. Only with the option `output: "event"` of the executor. */
  output: [future: Future<R, A>, text: string, stream: "stdout" | "stderr"];
  /** A future settled with a result or an exception. */
  done: [future: Future<R, A>];
  /** A future has a result. */
  result: [future: Future<R, A>, value: R];
  /** A future has an exception. */
  exception: [future: Future<R, A>, error: unknown];
  /** A future was cancelled. */
  cancelled: [future: Future<R, A>];
};

const NAMES: readonly (keyof TaskEvents<unknown[], unknown>)[] = [
  "submitted",
  "output",
  "done",
  "result",
  "exception",
  "cancelled",
];

/** Their names, in the order of the tree. */
export function taskEvents(
  hasOutput: boolean,
): readonly (keyof TaskEvents<unknown[], unknown>)[] {
  return hasOutput ? NAMES : NAMES.filter((name) => name !== "output");
}
