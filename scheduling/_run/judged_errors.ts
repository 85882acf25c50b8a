/** The errors that futures of a run failed with: they were judged once. @module */

import { isObject } from "../_base/check.ts";

/** A set of thrown values that does not keep objects alive. */
export class JudgedErrors {
  readonly #objects = new WeakSet<object>();
  readonly #primitives = new Set<unknown>();

  add(error: unknown): void {
    if (isObject(error)) this.#objects.add(error);
    else this.#primitives.add(error);
  }

  has(error: unknown): boolean {
    return isObject(error) ? this.#objects.has(error) : this.#primitives.has(error);
  }
}
