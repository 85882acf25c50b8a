/** The order in which calls have come. @module */

import type { Call } from "../../scheduling/executor.ts";

// So many late calls may come between two others.
const STEP = 2 ** -20;

/**
 * The places of calls in the order of submission to the pool. It is that of their ids, but for calls which
 * were held back, or are tried again: these have lower ids than calls that came before them.
 */
export class Arrivals {
  readonly #late = new WeakMap<Call, number>();
  #last = -Infinity;

  /** Gives a call, which perhaps had a place before, the last place. */
  add(call: Call): void {
    if (call.id > this.#last) {
      this.#last = call.id;
    } else {
      this.#last += STEP;
      this.#late.set(call, this.#last);
    }
  }

  /** A number that is higher for calls which came later. */
  placeOf(call: Call): number {
    return this.#late.get(call) ?? call.id;
  }
}
