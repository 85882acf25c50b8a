/** One event of an emitter: its count and its callbacks. The only place that calls them. @module */

import type { Listener } from "./_listener.ts";

/** Receives what a callback returned. */
export type Returned = (value: unknown) => void;

/** One event: how often it was emitted and who listens. */
export class ListenerList {
  readonly name: string;
  /** How often the event was emitted. */
  count = 0;
  #listeners: Listener[] = [];
  #deliveries = 0;
  // Whether listeners were removed during a delivery, to be forgotten all at once after it.
  #stale = false;

  /** `name` is that of the event. */
  constructor(name: string) {
    this.name = name;
  }

  /** The callbacks, in order of registration. */
  get listeners(): readonly Listener[] {
    return this.#stale ? this.#listeners.filter((listener) => listener.active) : this.#listeners;
  }

  add(listener: Listener): void {
    this.#own().push(listener);
  }

  /** Removes a listener, which is inactive from now on. */
  remove(listener: Listener): void {
    listener.active = false;
    if (this.#deliveries > 0) {
      this.#stale = true;
    } else {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    }
  }

  /**
   * Calls every callback that is due, each whatever the others do.
   *
   * @returns what they threw, in order; undefined when none did.
   */
  deliver(args: readonly unknown[], returned?: Returned): unknown[] | undefined {
    const snapshot = this.#listeners;
    let errors: unknown[] | undefined;
    this.#deliveries++;
    for (const listener of snapshot) {
      try {
        if (!listener.active || !listener.countAndCheck()) continue;
      } catch (error) {
        (errors ??= []).push(error);
        continue;
      }
      for (let left = listener.repeat; left > 0 && listener.active; left--) {
        try {
          listener.calls++;
          const value = listener.callback(...args as never[]);
          if (value !== undefined) returned?.(value);
        } catch (error) {
          (errors ??= []).push(error);
        }
      }
    }
    this.#deliveries--;
    if (this.#stale && this.#deliveries === 0) this.#compact();
    return errors;
  }

  #compact(): void {
    this.#listeners = this.#listeners.filter((listener) => listener.active);
    this.#stale = false;
  }

  // A delivery under way goes on over the array that it began with.
  #own(): Listener[] {
    if (this.#deliveries > 0) this.#listeners = [...this.#listeners];
    return this.#listeners;
  }
}
