/** The values that a pool shares with its workers. @module */

/** Values, by a number each. */
export class SharedValues {
  // Not those that the program has let go of.
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** Gives a value a number; it must be a copy of the pool's own. */
  add(value: object): object {
    this.#ids.set(value, ++this.#lastId);
    return value;
  }

  /** Takes its number from a value, which crosses as any other from then on. */
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
