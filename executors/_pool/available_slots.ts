/** The workers of a pool that can be sent calls. @module */

import type { WorkerSlot } from "./worker_slot.ts";

/** The idle ones, and those that accept a prefetched batch. */
export class AvailableSlots {
  readonly #idle: WorkerSlot[] = [];
  readonly #prefetching: WorkerSlot[] = [];

  /** How many are idle. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /** Adds a worker, if it can be sent calls. */
  place(slot: WorkerSlot): void {
    this.remove(slot);
    if (slot.retired) return;
    if (slot.idle) this.#idle.push(slot);
    else if (slot.acceptsPrefetch) this.#prefetching.push(slot);
  }

  /** Removes a worker. */
  remove(slot: WorkerSlot): void {
    for (const list of [this.#idle, this.#prefetching]) {
      const index = list.indexOf(slot);
      if (index >= 0) list.splice(index, 1);
    }
  }

  /** Takes out the one that gets the next calls: an idle one if there is one, or only if `onlyIdle`. */
  take(onlyIdle: boolean): WorkerSlot | undefined {
    return this.#idle.pop() ?? (onlyIdle ? undefined : this.#prefetching.pop());
  }
}
