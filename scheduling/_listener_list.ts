/** One event of an emitter: its count and its callbacks. The only place that calls them. @module */

import type { Callback, Listener } from "./_listener.ts";
import type { CallbackStatistics, EventStatistics } from "./statistics.ts";

/** Receives the value that a callback of an event returned, unless it is undefined. */
export type Returned = (value: unknown, event: string, callback: Callback) => void;

/** One event: its emission count and its listeners. */
export class ListenerList {
  readonly name: string;
  /** How often the event was emitted. */
  count = 0;
  // In order of registration; may include closed listeners. The array is only appended to or replaced
  // as a whole, so that a delivery can use its array and length as a snapshot.
  #listeners: Listener[] = [];
  #closedCount = 0;
  #addedCount = 0;
  #usedUp: UsedUpCallbacks | undefined;

  /** @param name The name of the event. */
  constructor(name: string) {
    this.name = name;
  }

  /** Whether any listener is open. */
  get isHeard(): boolean {
    return this.#listeners.length > this.#closedCount;
  }

  add(listener: Listener): void {
    listener.order = this.#addedCount++;
    this.#listeners.push(listener);
  }

  /** Removes a listener: it is never called again, and drops its callback. */
  remove(listener: Listener): void {
    if (!listener.close()) return;
    this.#closedCount++;
    // Compacting only when half are closed makes removing all of n listeners O(n).
    if (this.#closedCount * 2 <= this.#listeners.length) return;
    this.#listeners = this.#listeners.filter((listener) => !listener.closed);
    this.#closedCount = 0;
  }

  /**
   * Calls every callback that is due; one that throws does not stop the others.
   *
   * @returns the errors that they threw, in order.
   */
  deliver(args: readonly unknown[], returned?: Returned): unknown[] {
    const errors: unknown[] = [];
    const listeners = this.#listeners;
    const { length } = listeners;
    for (let index = 0; index < length; index++) {
      const listener = listeners[index] as Listener;
      if (listener.closed) continue;
      if (isDue(listener, errors)) this.#call(listener, args, errors, returned);
      if (listener.finished) this.#retire(listener);
    }
    return errors;
  }

  /** A snapshot of the event. */
  statistics(): EventStatistics {
    const shown = this.#listeners.filter((listener) => !listener.closed && !listener.hidden);
    const callbacks = [
      ...shown.map((listener) => ({ order: listener.order, statistics: listener.statistics() })),
      ...this.#usedUp?.records ?? [],
    ];
    callbacks.sort((a, b) => a.order - b.order);
    const { name, count } = this;
    return { name, count, callbacks: callbacks.map(({ statistics }) => statistics) };
  }

  #call(
    listener: Listener,
    args: readonly unknown[],
    errors: unknown[],
    returned: Returned | undefined,
  ): void {
    const { callback } = listener;
    listener.callsUnderWay++;
    for (let left = listener.repeat; left > 0 && !listener.closed; left--) {
      listener.calls++;
      try {
        const value = callback(...args as never[]);
        if (value !== undefined) returned?.(value, this.name, callback);
      } catch (error) {
        errors.push(error);
      }
    }
    listener.callsUnderWay--;
  }

  #retire(listener: Listener): void {
    if (listener.closed) return;
    if (!listener.hidden) {
      this.#usedUp ??= new UsedUpCallbacks();
      this.#usedUp.add(listener.order, listener.statistics());
    }
    this.remove(listener);
  }
}

function isDue(listener: Listener, errors: unknown[]): boolean {
  try {
    return listener.countAndCheck();
  } catch (error) {
    errors.push(error);
    return false;
  }
}

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
