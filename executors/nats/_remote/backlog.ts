/** The calls of a session that have not begun. @module */

import type { RemoteCall } from "./remote_call.ts";
import type { Slots } from "./slots.ts";

/** Calls that begin together, expected to take the same time, and whether their shared values are here. */
interface Batch {
  readonly number: number;
  readonly calls: readonly RemoteCall[];
  isReady: boolean;
}

const NOTHING = { expectedMs: 0 };

/** Lets batches begin in order, when there is a slot. */
export class Backlog {
  readonly #slots: Slots;
  readonly #begin: (batch: number, calls: readonly RemoteCall[]) => void;
  // One function, because a set holds it while the session waits.
  readonly #look = () => this.#pump();
  #batches: Batch[] = [];

  /** `begin` is called with the calls of a batch that are not settled. */
  constructor(slots: Slots, begin: (batch: number, calls: readonly RemoteCall[]) => void) {
    this.#slots = slots;
    this.#begin = begin;
  }

  /** Adds a batch, which may begin when the promises are fulfilled. */
  add(number: number, calls: readonly RemoteCall[], pending: readonly Promise<unknown>[]): void {
    const batch: Batch = { number, calls, isReady: pending.length === 0 };
    this.#batches.push(batch);
    if (batch.isReady) return this.#pump();
    Promise.all(pending).then(() => {
      batch.isReady = true;
      this.#pump();
    });
  }

  /** Removes all calls, and returns them. */
  clear(): RemoteCall[] {
    return this.#batches.splice(0).flatMap(({ calls }) => calls);
  }

  #pump(): void {
    for (let next = this.#batches[0]; next?.isReady; next = this.#batches[0]) {
      const { number, calls } = next;
      const [{ expectedMs } = NOTHING] = calls;
      if (!this.#slots.hasRoomFor(expectedMs)) return this.#slots.wait(this.#look);
      this.#batches.shift();
      const unsettled = calls.filter(({ settled }) => !settled);
      if (unsettled.length > 0) this.#begin(number, unsettled);
    }
  }
}
