/**
 * Values that cross to each worker once, however many calls take them.
 *
 * @module
 */

import { show } from "./_base/check.ts";
import type { Executor } from "./executor.ts";

/**
 * A shared value, made by `scheduler.share()`. Pass it like any other argument of its type.
 *
 * @example A data set for many trials
 * ```ts
 * import { Scheduler, type Shared } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const data: Shared<Float64Array> = scheduler.share(new Float64Array([1, 2, 3]));
 * const nth = scheduler.task((data: Float64Array, n: number) => data[n]);
 * scheduler.onStart(async () => {
 *   assertEquals(await Promise.all([nth.submit(data, 0), nth.submit(data, 2)]), [1, 3]);
 * });
 * await scheduler.run();
 * data.release();
 * ```
 *
 * @typeParam T The type of the value.
 *
 * @category Tasks
 */
export type Shared<T extends object> = T & SharedHandle;

/**
 * The members that `scheduler.share()` adds to a value.
 *
 * @example Release it at the end of a block
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(async () => {
 *   using rows = scheduler.share([[1, 2], [3]]);
 *   const count = scheduler.submit((rows: number[][]) => rows.flat().length, rows);
 *   assertEquals(await count, 3);
 * });
 * await scheduler.run();
 * ```
 *
 * @category Tasks
 */
export interface SharedHandle extends Disposable {
  /**
   * Lets workers drop the value. It can still be used as an ordinary argument, which crosses again
   * with each call. Releasing it again does nothing.
   */
  release(): void;
}

const handles = new WeakSet<object>();

/** Whether a value was made by `scheduler.share()`, released or not. */
export function isShared(value: unknown): value is object {
  return typeof value === "object" && value !== null && handles.has(value);
}

/** Copies a value, and adds the members of the handle to the copy; they do not cross to workers. */
export function share<T extends object>(value: T, executor: Executor): Shared<T> {
  checkShareable(value);
  const copy = executor.share?.(value) ?? structuredClone(value);
  handles.add(copy);
  const property = { value: () => executor.release?.(copy), configurable: true, writable: true };
  const properties = { release: property, [Symbol.dispose]: property };
  return Object.defineProperties(copy, properties) as Shared<T>;
}

function checkShareable(value: object): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`share() takes an object such as a typed array, not ${show(value)}`);
  }
  if (handles.has(value)) throw new TypeError("The value is shared already: pass it as it is");
  if (Object.hasOwn(value, "release")) {
    throw new TypeError(
      "What share() returns has a method release(), so the value may have no such property: " +
        "name it differently, or share a record that holds the value",
    );
  }
}
