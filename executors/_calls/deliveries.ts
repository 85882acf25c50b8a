/** Counts how often the worker of a call ended before the call started. @module */

import type { Call } from "../../scheduling/executor.ts";

// A call that ended three workers before it started would end a fourth.
const MAX_FAILURES = 3;

/** The failed deliveries of calls. */
export class Deliveries {
  readonly #failures = new WeakMap<Call, number>();
  #hasFailures = false;

  /**
   * Counts a failed delivery of the next call of a worker that ended while it ran none. Returns that
   * call if it is not to be tried again.
   */
  fail(waiting: readonly Call[]): Call | undefined {
    const next = waiting.find((call) => !call.settled);
    if (next === undefined) return undefined;
    const failures = (this.#failures.get(next) ?? 0) + 1;
    this.#failures.set(next, failures);
    this.#hasFailures = true;
    return failures < MAX_FAILURES ? undefined : next;
  }

  /** Whether a delivery of the call has failed, so that it must go alone. */
  hasFailed(call: Call): boolean {
    return this.#hasFailures && this.#failures.has(call);
  }
}
