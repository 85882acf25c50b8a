/** Terminated workers, until their exit is observed. @module */

import { reportRunaway } from "./stderr.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** The terminated workers of a pool whose exit has not been observed. */
export class Terminations {
  readonly #slots = new Set<WorkerSlot>();
  readonly #pending = new Set<Promise<void>>();
  readonly #reported = new Set<string>();
  #visible = true;

  /** How many there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** How many of them go on, because they never yield. */
  get runaways(): number {
    let count = 0;
    for (const slot of this.#slots) if (slot.link.runaway) count++;
    return count;
  }

  /** Ends the worker of a slot; calls `ended` when it has, or its grace period is over. */
  add(slot: WorkerSlot, ended: () => void): void {
    this.#slots.add(slot);
    const taskName = slot.taskName;
    const pending = slot.terminate().then((observed) => {
      this.#pending.delete(pending);
      if (observed === undefined) this.#visible = false;
      if (observed === false) this.#report(taskName);
      else this.#unwatch(slot);
      ended();
    });
    this.#pending.add(pending);
  }

  /** Waits for all; resolves with how many go on, undefined where that cannot be observed. */
  async settle(): Promise<number | undefined> {
    await Promise.all(this.#pending);
    const { runaways } = this;
    for (const slot of this.#slots) this.#unwatch(slot);
    this.#reported.clear();
    return this.#visible ? runaways : undefined;
  }

  #report(taskName: string): void {
    if (this.#reported.has(taskName)) return;
    this.#reported.add(taskName);
    reportRunaway(taskName);
  }

  #unwatch(slot: WorkerSlot): void {
    slot.link.unwatch();
    this.#slots.delete(slot);
  }
}
