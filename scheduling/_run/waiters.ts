/** Everything that waits for an event of a run: `once()` promises and `stream()`s. @module */

import type { Waiter } from "../emitter.ts";

/** The waiters of a scheduler and its tasks. */
export class Waiters {
  #waiters = new Set<Waiter>();
  #closed: { error: Error; except: ReadonlySet<string> } | undefined;

  /** Keeps the waiter until it is removed, or ends it at once when the run is past its event. */
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

  /** Ends those that wait for another event than `except`, and all that still come. */
  close(error: Error, except: ReadonlySet<string> = new Set()): void {
    this.#closed = { error, except };
    for (const waiter of this.#waiters) {
      if (except.has(waiter.event)) continue;
      this.#waiters.delete(waiter);
      waiter.end(error);
    }
  }

  /** Lets waiters wait again, for the next run. */
  open(): void {
    this.#closed = undefined;
  }
}
