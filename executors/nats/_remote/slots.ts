/** How many calls a worker may run at a time, for all runs together. @module */

import { now } from "../../../scheduling/_base/time.ts";
import { isShort } from "../_wire/short_calls.ts";

// Short calls begin ahead of time, so that no worker waits until the server has stored that they do.
const AHEAD_MS = 2;

/** Counts the calls that have begun and not ended, and how long they are expected to take. */
export class Slots {
  readonly total: number;
  readonly #waiting = new Set<() => void>();
  #used = 0;
  #expectedMs = 0;
  #idleSince = now();

  constructor(total: number) {
    this.total = total;
  }

  /** Whether a call may begin that is expected to take so many milliseconds. */
  hasRoomFor(expectedMs: number): boolean {
    if (this.#used < this.total) return true;
    // A call that is not short would wait for ever behind a stream of short ones.
    return isShort(expectedMs) && this.#waiting.size === 0 && this.#hasRoomAhead;
  }

  get used(): number {
    return this.#used;
  }

  /** For how many milliseconds no call has run. */
  get idleMs(): number {
    return this.#used > 0 ? 0 : now() - this.#idleSince;
  }

  /** A call begins that is expected to take so many milliseconds. */
  take(expectedMs: number): void {
    this.#used++;
    this.#expectedMs += expectedMs;
  }

  /** A call has ended that was expected to take so long. Those that have waited longest look again first. */
  give(expectedMs: number): void {
    this.#used--;
    this.#idleSince = now();
    this.#expectedMs = this.#used === 0 ? 0 : Math.max(0, this.#expectedMs - expectedMs);
    if (this.#used >= this.total && !this.#hasRoomAhead) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const look of waiting) look();
  }

  /** Calls `look` when more calls may begin. */
  wait(look: () => void): void {
    this.#waiting.add(look);
  }

  get #hasRoomAhead(): boolean {
    return this.#expectedMs < AHEAD_MS * this.total;
  }
}
