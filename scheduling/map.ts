/**
 * The options of `task.map()`.
 *
 * @module
 */

import { checkBoolean, checkCount, checkFunction, checkSignal, ownOptions } from "./_base/check.ts";
import { checkItems, type Items } from "./_map/input.ts";
import { MappedResults, type MappedTask } from "./_map/mapped_results.ts";

/**
 * Options of `task.map()`.
 *
 * @typeParam T The type of the items.
 * @typeParam A The arguments of the task.
 *
 * @example As fast as they come
 * ```ts
 * import { type MapOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: MapOptions<number, [n: number]> = { concurrency: 8, ordered: false };
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const square = scheduler.task((n: number) => n * n);
 * scheduler.onStart(async () => {
 *   const squares = await Array.fromAsync(square.map([1, 2, 3], options));
 *   assertEquals(squares.sort(), [1, 4, 9]);
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Tasks
 */
export interface MapOptions<T = unknown, A extends unknown[] = unknown[]> {
  /** Returns the arguments for an item. @default {the item alone} */
  args?: ((item: T) => A) | undefined;
  /**
   * How many items at most are taken ahead of the results that were read. By default twice as many as
   * there are workers and, while calls are short, up to 256 a worker, but never more than 1024.
   *
   * @default {as many as keep the workers busy}
   */
  concurrency?: number | undefined;
  /** Whether results come in the order of the items, not as soon as they are there. @default {true} */
  ordered?: boolean | undefined;
  /** Ends the iteration when aborted, with its reason as the error. */
  signal?: AbortSignal | undefined;
}

/**
 * In an error of the compiler: an item is not all the arguments, so the option `args` is required.
 *
 * @internal
 */
export interface ArgsRequired<A> {
  /** Types only, never present. */
  readonly "~args": A;
}

/**
 * The items of a task of arguments `A` that needs no option `args`.
 *
 * @internal
 */
export type SoleArgument<A extends unknown[]> = [A[0]] extends A ? A[0] : ArgsRequired<A>;

/**
 * Checks what `map()` was given; nothing starts before its results are read.
 *
 * @param task The task.
 * @param items The items.
 * @param options The options.
 * @returns the results.
 * @throws {TypeError | RangeError} when items or options are wrong.
 */
export function mapItems<T, A extends unknown[], R>(
  task: MappedTask,
  items: Items<T>,
  options: MapOptions<T, A>,
): AsyncGenerator<R, void, void> {
  checkItems(items);
  const own = ownOptions("map()", options, ["args", "concurrency", "ordered", "signal"]);
  const { args, concurrency, ordered, signal } = own;
  if (args !== undefined) checkFunction("args", args);
  if (concurrency !== undefined) checkCount("concurrency", concurrency);
  if (ordered !== undefined) checkBoolean("ordered", ordered);
  if (signal !== undefined) checkSignal("signal", signal);
  return new MappedResults<T, R>(task, items, own);
}
