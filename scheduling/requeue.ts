/**
 * An iterator that takes back what could not be used.
 *
 * @module
 */

import { show } from "./_base/check.ts";
import { Fifo } from "./_base/fifo.ts";
import { isThenable } from "./_base/is_thenable.ts";

/**
 * Iterates over items, and over those that are put back to its front or added to its back.
 *
 * It may be asked again after it was exhausted: an item that was put in since is then returned.
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
   * @param items What to iterate over; nothing is taken from it before it is asked for.
   * @throws {TypeError} when `items` is not iterable.
   */
  constructor(items: Iterable<T> = []) {
    if (typeof items?.[Symbol.iterator] !== "function") {
      throw new TypeError(`A Requeue takes an iterable, not ${show(items)}${remedyFor(items)}`);
    }
    this.#left = sizeOf(items);
    this.#source = items[Symbol.iterator]();
  }

  /** How many items are left; undefined while that is not known of the iterable. */
  get size(): number | undefined {
    if (this.#left === undefined) return undefined;
    return this.#left + this.#front.length + this.#back.size;
  }

  /**
   * The next item: one that was put back, else one of the iterable, else one that was appended.
   *
   * @returns the item, or `done` when there is none at the moment.
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
   * Puts an item to the front: it is the next one.
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
   * Puts an item to the back: it comes after all others.
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
   * Itself.
   *
   * @returns the same iterator.
   *
   * @example Go on where a loop has stopped
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
  return ", which is an async iterable: take its items by for await and append() each, or collect " +
    "them by Array.fromAsync()";
}

function sizeOf(items: Iterable<unknown>): number | undefined {
  if (Array.isArray(items)) return items.length;
  if (items instanceof Set || items instanceof Map) return items.size;
  return undefined;
}
