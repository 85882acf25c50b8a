/** One event of an emitter: its count and its callbacks. The only place that calls them. @module */

import type { Handler } from "./_listener.ts";

/** Receives what a callback returned. */
export type Returned = (value: unknown) => void;

/** One event: how often it was emitted and who listens. */
export class Channel {
  readonly name: string;
  /** How often the event was emitted. */
  count = 0;
  #handlers: Handler[] = [];
  #deliveries = 0;
  // Whether handlers were removed during a delivery, to be forgotten all at once after it.
  #stale = false;

  /** `name` is that of the event. */
  constructor(name: string) {
    this.name = name;
  }

  /** The callbacks, in order of registration. */
  get handlers(): readonly Handler[] {
    return this.#stale ? this.#handlers.filter((handler) => handler.active) : this.#handlers;
  }

  add(handler: Handler): void {
    this.#own().push(handler);
  }

  /** Removes a handler, which is inactive from now on. */
  remove(handler: Handler): void {
    handler.active = false;
    if (this.#deliveries > 0) {
      this.#stale = true;
    } else {
      const index = this.#handlers.indexOf(handler);
      if (index >= 0) this.#handlers.splice(index, 1);
    }
  }

  /**
   * Calls every callback that is due, each whatever the others do.
   *
   * @returns what they threw, in order; undefined when none did.
   */
  deliver(args: readonly unknown[], returned?: Returned): unknown[] | undefined {
    const snapshot = this.#handlers;
    let errors: unknown[] | undefined;
    this.#deliveries++;
    for (const handler of snapshot) {
      try {
        if (!handler.active || !handler.due()) continue;
      } catch (error) {
        (errors ??= []).push(error);
        continue;
      }
      for (let left = handler.repeat; left > 0 && handler.active; left--) {
        try {
          handler.calls++;
          const value = handler.callback(...args as never[]);
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
    this.#handlers = this.#handlers.filter((handler) => handler.active);
    this.#stale = false;
  }

  // A delivery under way goes on over the array that it began with.
  #own(): Handler[] {
    if (this.#deliveries > 0) this.#handlers = [...this.#handlers];
    return this.#handlers;
  }
}
