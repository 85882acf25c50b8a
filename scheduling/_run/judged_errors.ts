/** The errors that the futures of a run failed with: each was judged once. @module */

import { isObject } from "../_base/check.ts";

/** What was found about an error. */
export interface Judgement {
  /** Names the call that failed with it. */
  readonly call: string;
  /** Whether the policy ignored it. */
  readonly ignored: boolean;
}

/** Thrown values with their judgements; it keeps no object alive. */
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
