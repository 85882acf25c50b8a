/** The values that a pool shares with its workers. @module */

import { sharingError } from "../_wire/uncloneable.ts";

/** Copies of values, by a number each. */
export class SharedValues {
  // Not those of copies that the program has let go of.
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** Copies a value; the copy has a number. */
  add(value: object): object {
    const copy = clone(value);
    this.#ids.set(copy, ++this.#lastId);
    return copy;
  }

  /** Takes its number from a copy, which crosses as any other value from then on. */
  delete(copy: object): number | undefined {
    const id = this.#ids.get(copy);
    this.#ids.delete(copy);
    return id;
  }

  /** The number of a value, if it is such a copy. */
  idOf(value: unknown): number | undefined {
    return typeof value === "object" && value !== null ? this.#ids.get(value) : undefined;
  }
}

function clone(value: object): object {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw sharingError(value, cause);
  }
}
