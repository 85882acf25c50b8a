/** Which calls belong to which futures, also when they are settled. @module */

import type { Call } from "../executor.ts";

/** Remembers the ids of futures: a settled call has let its future go, so its id is that of another one. */
export class FutureIds {
  readonly #ids = new WeakMap<Call, number>();

  /** The id of the future of a call; undefined without a call, or if it was asked first after it had settled. */
  of(call: Call | undefined): number | undefined {
    if (call === undefined) return undefined;
    if (!call.settled) this.#ids.set(call, call.id);
    return this.#ids.get(call);
  }
}
