/**
 * Values that cross to each worker once, however many calls take them.
 *
 * @module
 */

/**
 * A shared value, made by `scheduler.share()`: the value itself in the form in which it is shared, to
 * be passed as an argument wherever one of its type is wanted.
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
 */
export type Shared<T extends object> = T & SharedHandle;

/** What a shared value has beside what it is. */
export interface SharedHandle extends Disposable {
  /**
   * Has the workers let go of the value. It remains a value as any other: calls that take it get it,
   * but each is sent it anew. Releasing it again does nothing.
   */
  release(): void;
}

/** Makes a value its own handle, by properties that do not cross. */
export function toShared<T extends object>(value: T, release: () => void): Shared<T> {
  const property = { value: release, configurable: true, writable: true };
  const properties = { release: property, [Symbol.dispose]: property };
  return Object.defineProperties(value, properties) as Shared<T>;
}
