/** The pool's list of workers that it has terminated and whose exit it has not observed. @module */

import { reportRunaway } from "./stderr.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Terminated workers. Each leaves the list when its thread or process is gone. */
export class Terminations {
  // With what resolves at its exit or at the end of its grace period.
  readonly #slots = new Map<WorkerSlot, Promise<void>>();
  readonly #pending = new Set<Promise<void>>();
  readonly #reported = new Set<string>();
  #observable = true;

  /** How many terminated workers are still there. */
  get size(): number {
    return this.#slots.size;
  }

  /** How many of them keep running, because they never yield. */
  get runaways(): number {
    let count = 0;
    for (const slot of this.#slots.keys()) if (slot.link.runaway) count++;
    return count;
  }

  /** Terminates the worker of a slot; calls `ended` at its exit or at the end of its grace period. */
  add(slot: WorkerSlot, ended: () => void): void {
    const taskName = slot.taskName;
    const pending = slot.terminate().then((observed) => {
      this.#pending.delete(pending);
      if (observed === undefined) this.#observable = false;
      if (observed === false) this.#report(taskName);
      else this.#unwatch(slot);
      ended();
    });
    this.#slots.set(slot, pending);
    this.#pending.add(pending);
  }

  /** Waits until it is known which calls of terminated workers have started. */
  async untilCertain(): Promise<void> {
    await Promise.all(
      [...this.#slots].map(([slot, ended]) => slot.isUncertain ? ended : undefined),
    );
  }

  /** Waits for all; resolves with the count of runaways, undefined if an exit could not be observed. */
  async settle(): Promise<number | undefined> {
    await Promise.all(this.#pending);
    const { runaways } = this;
    for (const slot of this.#slots.keys()) this.#unwatch(slot);
    this.#reported.clear();
    return this.#observable ? runaways : undefined;
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
