/** The errors of failed futures, each judged once by the policy. @module */

import { isObject } from "../_base/check.ts";

/** The decision about an error. */
export interface Judgement {
  /** The name of the failed call. */
  readonly call: string;
  /** Whether the policy ignored it. */
  readonly ignored: boolean;
}

/** A map from thrown values to judgements that keeps no object alive. */
export class JudgedErrors {
  readonly #objects = new WeakMap<object, Judgement>();
  readonly #primitives = new Map<unknown, Judgement>();

  add(error: unknown, judgement: Judgement): void {
    if (isObject(error)) this.#objects.set(error, judgement);
    else this.#primitives.set(error, judgement);
  }

  get(error: unknown): Judgement | undefined {
    return isObject(error) ? this.#objects.get(error) : this.#primitives.get(error);
  }
}
