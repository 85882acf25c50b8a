/** How long a fleet waits before it replaces jobs that fail as soon as they have started. @module */

import { EARLY_MS } from "./_job_table.ts";

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

/** The first failure is made good at once, further ones after pauses that double. */
export class RestartPause {
  #failures = 0;
  #failedAt = -Infinity;

  /** Jobs have ended early; returns the pause. */
  noteFailure(now: number): number {
    this.#failures++;
    this.#failedAt = now;
    return this.#pause;
  }

  /** Whether jobs may be submitted. */
  isOver(now: number): boolean {
    const elapsed = now - this.#failedAt;
    if (elapsed > this.#pause + EARLY_MS) this.#failures = 0;
    return elapsed >= this.#pause;
  }

  get #pause(): number {
    if (this.#failures < 2) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 2), LONGEST_PAUSE_MS);
  }
}
