/** The values that a pool shares with its workers. @module */

/** Numbers shared values. */
export class SharedValues {
  // Weak, so that values that the program has dropped are collected.
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** Numbers a value, which must be a copy that only the pool has. */
  add(value: object): object {
    this.#ids.set(value, ++this.#lastId);
    return value;
  }

  /** Removes a value, which then crosses with each call; returns its number. */
  delete(value: object): number | undefined {
    const id = this.#ids.get(value);
    this.#ids.delete(value);
    return id;
  }

  /** The number of a value, if it has one. */
  idOf(value: unknown): number | undefined {
    return typeof value === "object" && value !== null ? this.#ids.get(value) : undefined;
  }
}
