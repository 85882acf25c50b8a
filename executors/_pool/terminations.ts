/** Workers that were told to end: until they have, and those that never do. @module */

import { reportRunaway } from "./stderr.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** The workers of a pool that were told to end and have not been seen to. */
export class Terminations {
  readonly #slots = new Set<WorkerSlot>();
  readonly #pending = new Set<Promise<void>>();
  readonly #told = new Set<string>();
  #visible = true;

  /** How many there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** How many of them go on in spite of it. */
  get runaways(): number {
    let count = 0;
    for (const slot of this.#slots) if (slot.link.runaway) count++;
    return count;
  }

  /** Ends the worker of a slot; calls `ended` when it has, or its time for it is up. */
  add(slot: WorkerSlot, ended: () => void): void {
    this.#slots.add(slot);
    const taskName = slot.taskName;
    const pending = slot.terminate().then((seen) => {
      this.#pending.delete(pending);
      if (seen === undefined) this.#visible = false;
      if (seen === false) this.#tell(taskName);
      else this.#forget(slot);
      ended();
    });
    this.#pending.add(pending);
  }

  /** Waits for all; returns how many go on, undefined where that cannot be seen. */
  async settle(): Promise<number | undefined> {
    await Promise.all(this.#pending);
    const { runaways } = this;
    for (const slot of this.#slots) this.#forget(slot);
    this.#told.clear();
    return this.#visible ? runaways : undefined;
  }

  #tell(taskName: string): void {
    if (this.#told.has(taskName)) return;
    this.#told.add(taskName);
    reportRunaway(taskName);
  }

  #forget(slot: WorkerSlot): void {
    slot.link.forget();
    this.#slots.delete(slot);
  }
}
