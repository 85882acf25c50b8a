/** How often calls could not be delivered to a worker. @module */

import type { Call } from "../../scheduling/executor.ts";

// A call that ends three workers before it starts will end the fourth, too.
const MAX_FAILURES = 3;

/** The failed deliveries of calls. */
export class Deliveries {
  readonly #failures = new WeakMap<Call, number>();
  #hasFailures = false;

  /** Counts a failed delivery; returns whether it is to be tried again. */
  fail(call: Call): boolean {
    const failures = (this.#failures.get(call) ?? 0) + 1;
    this.#failures.set(call, failures);
    this.#hasFailures = true;
    return failures < MAX_FAILURES;
  }

  /** Whether a delivery of the call has failed: other calls must not share its next worker. */
  hasFailed(call: Call): boolean {
    return this.#hasFailures && this.#failures.has(call);
  }
}
