/** Counts how often the worker of a call ended before the call started. @module */

import type { Call } from "../../scheduling/executor.ts";

// A call that ended three workers before it started would end a fourth.
const MAX_FAILURES = 3;

/** The failed deliveries of calls. */
export class Deliveries {
  readonly #failures = new WeakMap<Call, number>();
  #hasFailures = false;

  /**
   * Counts a failed delivery of the next call of a worker that has ended, if it was running no call;
   * returns the next call if its delivery was tried often enough.
   */
  failNext(waiting: readonly Call[], running: Call | undefined): Call | undefined {
    if (running !== undefined) return undefined;
    const next = waiting.find((call) => !call.settled);
    return next === undefined || this.#fail(next) ? undefined : next;
  }

  /** Whether a delivery of the call has failed, so that it must go alone. */
  hasFailed(call: Call): boolean {
    return this.#hasFailures && this.#failures.has(call);
  }

  /** Starts to count afresh, for a call that is tried again. */
  forget(call: Call): void {
    if (this.#hasFailures) this.#failures.delete(call);
  }

  #fail(call: Call): boolean {
    const failures = (this.#failures.get(call) ?? 0) + 1;
    this.#failures.set(call, failures);
    this.#hasFailures = true;
    return failures < MAX_FAILURES;
  }
}
