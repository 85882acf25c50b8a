/** Takes prefetched calls back from workers when a more urgent call is queued. @module */

import type { Call } from "../../scheduling/executor.ts";
import type { Batch } from "../_calls/batch_size.ts";
import type { CallQueue } from "./call_queue.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/**
 * Makes way for urgent calls. It knows a lower bound of the priorities of all prefetched calls, so a
 * series of urgent calls takes calls back once, until a worker gets less urgent calls again.
 */
export class Preemption {
  readonly #queue: CallQueue;
  #lowest = Infinity;
  #underWay: Promise<void> | undefined;

  /** `queue` gets the calls that are taken back. */
  constructor(queue: CallQueue) {
    this.#queue = queue;
  }

  /** Resolves once the calls that are being taken back are queued; undefined if there are none. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** Notes calls that are sent to a worker. */
  noteSent({ calls }: Batch): void {
    // The calls of a batch have the order of the queue.
    const { priority = Infinity } = calls.at(-1) ?? {};
    if (priority < this.#lowest) this.#lowest = priority;
  }

  /** Whether calls of a lower priority may be prefetched. */
  isDue({ priority }: Call): boolean {
    return priority > this.#lowest;
  }

  /** Takes back the prefetched calls of a lower priority. */
  async makeWay(slots: readonly WorkerSlot[], { priority }: Call): Promise<void> {
    const underWay = this.#takeBack(slots, priority, this.#underWay);
    this.#underWay = underWay;
    this.#lowest = Math.min(...slots.map((slot) => slot.lowestPending));
    await underWay;
    if (this.#underWay === underWay) this.#underWay = undefined;
  }

  async #takeBack(
    slots: readonly WorkerSlot[],
    priority: number,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const taken = await Promise.all(slots.map((slot) => slot.takeBackBelow(priority)));
    await before;
    this.#queue.putBack(taken.flat());
  }
}
