/** The workers of a pool that can take calls. @module */

import type { WorkerSlot } from "./worker_slot.ts";

/** Idle workers, and busy ones that accept a prefetched batch. */
export class AvailableSlots {
  readonly #idle: WorkerSlot[] = [];
  readonly #prefetching: WorkerSlot[] = [];

  /** How many workers are idle. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /** The one that has been idle for longest: calls go to those that became idle last. */
  get longestIdle(): WorkerSlot | undefined {
    return this.#idle[0];
  }

  /** Adds a worker if it can take calls. */
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

  /** Takes out the worker for the next calls: an idle one if possible; with `onlyIdle`, no other. */
  take(onlyIdle: boolean): WorkerSlot | undefined {
    return this.#idle.pop() ?? (onlyIdle ? undefined : this.#prefetching.pop());
  }
}
