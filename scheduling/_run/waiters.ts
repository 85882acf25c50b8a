/** Pending `once()` promises and open `stream()`s. @module */

import type { Waiter } from "../emitter.ts";

/** The waiters of a scheduler and its tasks. */
export class Waiters {
  #waiters = new Set<Waiter>();
  #closed: { error: Error; except: ReadonlySet<string> } | undefined;

  /** Keeps the waiter until it is removed; ends it at once if its event cannot come any more. */
  add(waiter: Waiter): void {
    if (this.#closed !== undefined && !this.#closed.except.has(waiter.event)) {
      waiter.end(this.#closed.error);
    } else {
      this.#waiters.add(waiter);
    }
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** Ends all waiters, and any added later, except those for the events in `except`. */
  close(error: Error, except: ReadonlySet<string> = new Set()): void {
    this.#closed = { error, except };
    for (const waiter of this.#waiters) {
      if (except.has(waiter.event)) continue;
      this.#waiters.delete(waiter);
      waiter.end(error);
    }
  }

  /** Accepts waiters again, for the next run. */
  open(): void {
    this.#closed = undefined;
  }
}
