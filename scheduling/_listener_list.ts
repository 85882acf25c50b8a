/** One event of an emitter: its count and its callbacks. The only place that calls them. @module */

import type { Listener } from "./_listener.ts";
import { UsedUpCallbacks } from "./_used_up_callbacks.ts";
import type { EventStatistics } from "./statistics.ts";

/** Receives what a callback returned. */
export type Returned = (value: unknown) => void;

/** One event: how often it was emitted and who listens. */
export class ListenerList {
  readonly name: string;
  /** How often the event was emitted. */
  count = 0;
  // In order of registration, closed ones among them. It is only appended to, or replaced as a whole:
  // a delivery goes on over the array, and up to the length, that it began with.
  #listeners: Listener[] = [];
  #closedCount = 0;
  #addedCount = 0;
  #usedUp: UsedUpCallbacks | undefined;

  /** `name` is that of the event. */
  constructor(name: string) {
    this.name = name;
  }

  /** Whether there are callbacks. */
  get isHeard(): boolean {
    return this.#listeners.length > this.#closedCount;
  }

  add(listener: Listener): void {
    listener.order = this.#addedCount++;
    this.#listeners.push(listener);
  }

  /** Removes a listener that was added: it is not called again, and lets go of its callback. */
  remove(listener: Listener): void {
    if (!listener.close()) return;
    this.#closedCount++;
    // Not one by one: to remove all of n takes O(n).
    if (this.#closedCount * 2 <= this.#listeners.length) return;
    this.#listeners = this.#listeners.filter((listener) => !listener.closed);
    this.#closedCount = 0;
  }

  /**
   * Calls every callback that is due, each whatever the others do.
   *
   * @returns what they threw, in order; undefined when none did.
   */
  deliver(args: readonly unknown[], returned?: Returned): unknown[] | undefined {
    const listeners = this.#listeners;
    const { length } = listeners;
    let errors: unknown[] | undefined;
    for (let index = 0; index < length; index++) {
      const listener = listeners[index] as Listener;
      if (listener.closed) continue;
      const thrown = callIfDue(listener, args, returned);
      if (thrown !== undefined) errors = append(errors, thrown);
      if (listener.finished) this.#letGo(listener);
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

  #letGo(listener: Listener): void {
    if (listener.closed) return;
    if (!listener.hidden) {
      this.#usedUp ??= new UsedUpCallbacks();
      this.#usedUp.add(listener.order, listener.statistics());
    }
    this.remove(listener);
  }
}

function callIfDue(
  listener: Listener,
  args: readonly unknown[],
  returned: Returned | undefined,
): unknown[] | undefined {
  try {
    if (!listener.countAndCheck()) return undefined;
  } catch (error) {
    return [error];
  }
  const { callback } = listener;
  let errors: unknown[] | undefined;
  listener.callsUnderWay++;
  for (let left = listener.repeat; left > 0 && !listener.closed; left--) {
    try {
      listener.calls++;
      const value = callback(...args as never[]);
      if (value !== undefined) returned?.(value);
    } catch (error) {
      (errors ??= []).push(error);
    }
  }
  listener.callsUnderWay--;
  return errors;
}

function append(errors: unknown[] | undefined, more: unknown[]): unknown[] {
  if (errors === undefined) return more;
  for (const error of more) errors.push(error);
  return errors;
}
