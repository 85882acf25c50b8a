/** Takes items from an iterable or an async iterable, one at a time. @module */

import { isObject, show } from "../_base/check.ts";
import { isThenable } from "../_base/is_thenable.ts";

/** What a mapping takes its items from. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Receives what an input gives. */
export interface InputObserver<T> {
  item(item: T): void;
  exhausted(): void;
  failed(error: unknown): void;
}

/** The iterator of an input. */
export interface Input {
  /** Whether an item was asked for and has not come. */
  readonly isReading: boolean;
  /** Asks for the next item; that of an iterable comes before this returns. */
  read(): void;
  /** Closes the iterator unless it has ended; rejects with what its `return()` throws. */
  close(): Promise<void>;
}

/** Throws `TypeError` unless the value can be iterated over. */
export function checkItems(items: unknown): void {
  const isIterable = methodOf(items, Symbol.asyncIterator) || methodOf(items, Symbol.iterator);
  if (isIterable) return;
  const remedy = isThenable(items) ? ": await it first" : "";
  throw new TypeError(
    `map() takes an iterable or an async iterable, not ${show(items)}${remedy}`,
  );
}

/** Opens an input. Throws what its method for iteration throws. */
export function openInput<T>(items: Items<T>, observer: InputObserver<T>): Input {
  return methodOf(items, Symbol.asyncIterator)
    ? new AsyncInput((items as AsyncIterable<T>)[Symbol.asyncIterator](), observer)
    : new SyncInput((items as Iterable<T>)[Symbol.iterator](), observer);
}

function methodOf(value: unknown, key: symbol): boolean {
  if (value === null || value === undefined) return false;
  return typeof (value as { readonly [key: symbol]: unknown })[key] === "function";
}

class SyncInput<T> implements Input {
  readonly #iterator: Iterator<T>;
  readonly #observer: InputObserver<T>;
  #state: "open" | "closing" | "ended" = "open";
  #isReading = false;

  constructor(iterator: Iterator<T>, observer: InputObserver<T>) {
    this.#iterator = iterator;
    this.#observer = observer;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  read(): void {
    const next = this.#next();
    if (this.#state === "closing") this.#close();
    else if (next !== undefined) this.#observer.item(next.value);
  }

  // deno-lint-ignore require-await -- rejects with what return() throws
  async close(): Promise<void> {
    if (this.#state === "ended") return;
    // A generator that is running cannot be closed: it is when it has yielded.
    if (this.#isReading) this.#state = "closing";
    else this.#close();
  }

  /** The next item; undefined when there is none. */
  #next(): { readonly value: T } | undefined {
    this.#isReading = true;
    try {
      const next = checked(this.#iterator.next());
      if (next.done !== true) return next;
      this.#state = "ended";
      this.#observer.exhausted();
    } catch (error) {
      this.#state = "ended";
      this.#observer.failed(error);
    } finally {
      this.#isReading = false;
    }
    return undefined;
  }

  #close(): void {
    this.#state = "ended";
    this.#iterator.return?.();
  }
}

class AsyncInput<T> implements Input {
  readonly #iterator: AsyncIterator<T>;
  readonly #observer: InputObserver<T>;
  #hasEnded = false;
  #isReading = false;

  constructor(iterator: AsyncIterator<T>, observer: InputObserver<T>) {
    this.#iterator = iterator;
    this.#observer = observer;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  read(): void {
    this.#isReading = true;
    this.#next().then(this.#came, this.#failed);
  }

  async close(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const closed = Promise.resolve(this.#iterator.return?.());
    // An async generator that waits for something closes after that, which may never be.
    if (this.#isReading) closed.catch(() => {});
    else await closed;
  }

  async #next(): Promise<IteratorResult<T>> {
    return checked(await this.#iterator.next());
  }

  readonly #came = (next: IteratorResult<T>): void => {
    this.#isReading = false;
    if (this.#hasEnded) return;
    if (next.done !== true) return this.#observer.item(next.value);
    this.#hasEnded = true;
    this.#observer.exhausted();
  };

  readonly #failed = (error: unknown): void => {
    this.#isReading = false;
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#observer.failed(error);
  };
}

function checked<T>(next: IteratorResult<T>): IteratorResult<T> {
  if (isObject(next)) return next;
  throw new TypeError(`next() of the items must return an object, not ${show(next)}`);
}
