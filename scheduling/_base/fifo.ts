/** A queue with operations in constant time. @module */

const SMALLEST = 16;

/** First in, first out, in a growing ring buffer. */
export class Fifo<T> {
  #ring: (T | undefined)[] = new Array(SMALLEST);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[this.#at(this.#size++)] = item;
  }

  /** Returns the first item without removing it; undefined when there is none. */
  peek(): T | undefined {
    return this.#ring[this.#head];
  }

  /** Removes and returns the first item; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = this.#at(1);
    this.#size--;
    return item;
  }

  /** Removes and returns the items that match, in order. */
  takeOut(matches: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (let left = this.#size; left > 0; left--) {
      const item = this.shift() as T;
      if (matches(item)) taken.push(item);
      else this.push(item);
    }
    return taken;
  }

  // The ring's length is a power of two.
  #at(offset: number): number {
    return (this.#head + offset) & (this.#ring.length - 1);
  }

  #grow(): void {
    const { length } = this.#ring;
    const ring: (T | undefined)[] = new Array(length * 2);
    for (let index = 0; index < length; index++) ring[index] = this.#ring[this.#at(index)];
    this.#ring = ring;
    this.#head = 0;
  }
}
