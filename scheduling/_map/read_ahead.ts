/** How many items a mapping takes ahead of its reader. @module */

import { now } from "../_base/time.ts";

const MOST = 1024;
const MOST_A_WORKER = 256;
// Enough that a worker finds its next call waiting.
const LEAST_A_WORKER = 2;
// How long as many calls as are taken ahead may take until more, or fewer, are.
const SHORT_MS = 10;
const LONG_MS = 40;

/** A number of items that stays as it is, or follows how long the calls take. */
export interface ReadAhead {
  /** At most so many items are taken ahead. */
  readonly limit: number;
  /** Notes that a call has settled. */
  settled(): void;
}

/** The number that the user has chosen. */
export class FixedReadAhead implements ReadAhead {
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  settled(): void {}
}

/** As many as keep the workers busy: short calls go to workers in batches, so these need more. */
export class AdaptiveReadAhead implements ReadAhead {
  readonly #least: number;
  readonly #most: number;
  #limit: number;
  #settledCount = 0;
  #since = now();

  /** @param workerCount How many calls may run at once; may be `Infinity`. */
  constructor(workerCount: number) {
    // An executor of a user's may say nothing of use.
    const workers = workerCount >= 1 ? workerCount : 1;
    this.#least = Math.min(workers * LEAST_A_WORKER, MOST);
    this.#most = Math.min(workers * MOST_A_WORKER, MOST);
    this.#limit = this.#least;
  }

  get limit(): number {
    return this.#limit;
  }

  settled(): void {
    if (++this.#settledCount < this.#limit) return;
    const at = now();
    const elapsed = at - this.#since;
    if (elapsed < SHORT_MS) this.#limit = Math.min(this.#limit * 2, this.#most);
    else if (elapsed > LONG_MS) this.#limit = Math.max(Math.ceil(this.#limit / 2), this.#least);
    this.#settledCount = 0;
    this.#since = at;
  }
}
