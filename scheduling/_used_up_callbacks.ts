/** The call counts of callbacks that were unsubscribed by their `limit`. @module */

import type { CallbackStatistics } from "./statistics.ts";

// A long run may use up one callback for each call.
const MAX_RECORDS = 16;

interface CallbackRecord {
  /** The position of the first such callback in the order of registration. */
  readonly order: number;
  readonly statistics: CallbackStatistics;
}

/** One record for all callbacks with the same name and options, in bounded memory. */
export class UsedUpCallbacks {
  readonly #records = new Map<string, CallbackRecord>();

  /** Adds the calls of a callback. */
  add(order: number, callback: CallbackStatistics): void {
    const { name, options } = this.#isFull(callback) ? { name: "(others)", options: {} } : callback;
    const key = keyOf({ name, options });
    const known = this.#records.get(key) ?? { order, statistics: { name, calls: 0, options } };
    const calls = known.statistics.calls + callback.calls;
    this.#records.set(key, {
      order: Math.min(order, known.order),
      statistics: { name, calls, options },
    });
  }

  get records(): CallbackRecord[] {
    return [...this.#records.values()];
  }

  #isFull(callback: CallbackStatistics): boolean {
    return this.#records.size >= MAX_RECORDS && !this.#records.has(keyOf(callback));
  }
}

function keyOf({ name, options }: Pick<CallbackStatistics, "name" | "options">): string {
  return JSON.stringify([name, options]);
}
