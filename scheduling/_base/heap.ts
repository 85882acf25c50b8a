/** A queue that gives its first item by rank. @module */

/** A binary heap: adding and taking out take logarithmic time. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** `isBefore` returns whether one item comes out before another one. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, items[parent] as T)) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  /** The first item, which stays; undefined when there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Takes the first item; undefined when there is none. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last as T);
    return first;
  }

  /** Keeps the items that match. */
  retain(matches: (item: T) => boolean): void {
    const kept = this.#items.splice(0).filter(matches);
    for (const item of kept) this.push(item);
  }

  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (let child = this.#firstChild(at); child > 0; child = this.#firstChild(at)) {
      if (!this.#isBefore(items[child] as T, item)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = item;
  }

  /** The child of an item that comes out before the other one; 0 when there is none. */
  #firstChild(at: number): number {
    const items = this.#items;
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= items.length) return 0;
    if (right >= items.length) return left;
    return this.#isBefore(items[right] as T, items[left] as T) ? right : left;
  }
}
