/** A queue with operations in constant time. @module */

const CHUNK = 1024;

/** Some items in a row. */
interface Chunk<T> {
  readonly items: (T | undefined)[];
  next: Chunk<T> | undefined;
}

/** First in, first out, in a list of chunks: a queue that grows moves none of its items. */
export class Fifo<T> {
  #first: Chunk<T> = newChunk();
  #last = this.#first;
  // Places in the first and in the last chunk.
  #head = 0;
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#end === CHUNK) this.#extend();
    this.#last.items[this.#end++] = item;
    this.#size++;
  }

  /** Returns the first item without removing it; undefined when there is none. */
  peek(): T | undefined {
    return this.#first.items[this.#head];
  }

  /** Removes and returns the first item; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const { items } = this.#first;
    const item = items[this.#head];
    items[this.#head++] = undefined;
    this.#size--;
    if (this.#size === 0) this.#rewind();
    else if (this.#head === CHUNK) this.#dropFirst();
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

  #extend(): void {
    this.#last = this.#last.next = newChunk();
    this.#end = 0;
  }

  #dropFirst(): void {
    this.#first = this.#first.next ?? this.#first;
    this.#head = 0;
  }

  // An empty queue starts again at the front of its last chunk.
  #rewind(): void {
    this.#first = this.#last;
    this.#head = 0;
    this.#end = 0;
  }
}

function newChunk<T>(): Chunk<T> {
  return { items: [], next: undefined };
}
