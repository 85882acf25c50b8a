/** The workers of a pool that can be sent calls. @module */

import type { WorkerSlot } from "./worker_slot.ts";

/** Those without a call, and those that may be sent calls ahead of what they have to do. */
export class AvailableSlots {
  readonly #idle: WorkerSlot[] = [];
  readonly #ahead: WorkerSlot[] = [];

  /** How many have no call. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /** Takes a worker in, if it can be sent calls. */
  place(slot: WorkerSlot): void {
    this.remove(slot);
    if (slot.retired) return;
    if (slot.idle) this.#idle.push(slot);
    else if (slot.takesAhead) this.#ahead.push(slot);
  }

  /** Takes a worker out. */
  remove(slot: WorkerSlot): void {
    for (const list of [this.#idle, this.#ahead]) {
      const index = list.indexOf(slot);
      if (index >= 0) list.splice(index, 1);
    }
  }

  /** Takes out the one that is to be sent calls next: preferably, or only, one without a call. */
  take(onlyIdle: boolean): WorkerSlot | undefined {
    return this.#idle.pop() ?? (onlyIdle ? undefined : this.#ahead.pop());
  }
}
