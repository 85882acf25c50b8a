/**
 * An iterator whose items can be put back.
 *
 * @module
 */

import { show } from "./_base/check.ts";
import { Fifo } from "./_base/fifo.ts";
import { isThenable } from "./_base/is_thenable.ts";

/**
 * Iterates over items, including those that are put back in front or appended.
 *
 * An exhausted iterator resumes when an item is put back or appended.
 *
 * @example Put an item back
 * ```ts
 * import { Requeue } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const items = new Requeue(["a", "b"]);
 * const first = items.next().value ?? "";
 * items.requeue(first);
 * items.append("c");
 * assertEquals([...items], ["a", "b", "c"]);
 * ```
 *
 * @typeParam T The type of the items.
 *
 * @category Tasks
 */
export class Requeue<T> implements IterableIterator<T, undefined> {
  // The next item to return is the last of this list.
  readonly #front: T[] = [];
  readonly #back = new Fifo<T>();
  readonly #source: Iterator<T>;
  #exhausted = false;
  #left: number | undefined;

  /**
   * Makes an iterator over items.
   *
   * @param items The items, which are read lazily.
   * @throws {TypeError} when `items` is not iterable.
   */
  constructor(items: Iterable<T> = []) {
    if (typeof items?.[Symbol.iterator] !== "function") {
      throw new TypeError(`A Requeue takes an iterable, not ${show(items)}${remedyFor(items)}`);
    }
    this.#left = sizeOf(items);
    this.#source = items[Symbol.iterator]();
  }

  /** How many items are left; undefined if the iterable has no known size and is not exhausted. */
  get size(): number | undefined {
    if (this.#left === undefined) return undefined;
    return this.#left + this.#front.length + this.#back.size;
  }

  /**
   * The next item: first those put back, then those of the iterable, then those appended.
   *
   * @returns the item, or `done` while there is none.
   *
   * @example Take an item
   * ```ts
   * import { Requeue } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(new Requeue([1]).next(), { done: false, value: 1 });
   * ```
   */
  next(): IteratorResult<T, undefined> {
    if (this.#front.length > 0) return { done: false, value: this.#front.pop() as T };
    if (!this.#exhausted) {
      const next = this.#source.next();
      if (next.done !== true) {
        // The array may have grown since it was counted.
        if (this.#left !== undefined) this.#left = Math.max(0, this.#left - 1);
        return { done: false, value: next.value };
      }
      this.#exhausted = true;
      this.#left = 0;
    }
    if (this.#back.size === 0) return { done: true, value: undefined };
    return { done: false, value: this.#back.shift() as T };
  }

  /**
   * Puts an item in front: it is the next one.
   *
   * @param item The item.
   *
   * @example The next item
   * ```ts
   * import { Requeue } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const items = new Requeue([1]);
   * items.requeue(0);
   * assertEquals([...items], [0, 1]);
   * ```
   */
  requeue(item: T): void {
    this.#front.push(item);
  }

  /**
   * Appends an item: it comes after all others.
   *
   * @param item The item.
   *
   * @example The last item
   * ```ts
   * import { Requeue } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const items = new Requeue([1]);
   * items.append(2);
   * assertEquals([...items], [1, 2]);
   * ```
   */
  append(item: T): void {
    this.#back.push(item);
  }

  /**
   * The iterator itself.
   *
   * @returns the same iterator.
   *
   * @example Resume after a loop
   * ```ts
   * import { Requeue } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const items = new Requeue([1, 2, 3]);
   * const [first] = items;
   * assertEquals([first, ...items], [1, 2, 3]);
   * ```
   */
  [Symbol.iterator](): this {
    return this;
  }
}

function remedyFor(items: unknown): string {
  if (isThenable(items)) return ": await it first";
  const isAsync = typeof items === "object" && items !== null && Symbol.asyncIterator in items;
  if (!isAsync) return "";
  return ", which is an async iterable: task.map() takes its items as it needs them; for a Requeue " +
    "collect them by Array.fromAsync(), or append() each in a loop of for await";
}

function sizeOf(items: Iterable<unknown>): number | undefined {
  if (Array.isArray(items)) return items.length;
  if (items instanceof Set || items instanceof Map) return items.size;
  return undefined;
}
