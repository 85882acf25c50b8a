/** How much work a worker has in advance. @module */

// For each slot, in milliseconds of work and in calls.
const AHEAD_MS = 20;
const MAX_AHEAD = 4_096;

/** What a worker has of calls that have not ended. */
export interface Work {
  readonly size: number;
  /** How long they are expected to take. */
  readonly expectedMs: number;
}

/** Decides when a worker whose slots are taken gets more short calls. */
export class LookAhead {
  readonly #slots: number;
  #isFilling = true;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Whether it gets more. It is filled up when half of it is done, so that calls go in large batches. */
  hasRoom({ size, expectedMs }: Work): boolean {
    const fill = Math.max(size / (MAX_AHEAD * this.#slots), expectedMs / (AHEAD_MS * this.#slots));
    if (fill >= 1) this.#isFilling = false;
    else if (fill < 0.5) this.#isFilling = true;
    return this.#isFilling;
  }
}
