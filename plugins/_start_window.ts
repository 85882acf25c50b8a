/** How many starts there were lately. @module */

import { Fifo } from "../scheduling/_base/fifo.ts";
import { userNow } from "../scheduling/_base/time.ts";

/** Bounds the starts in any window of `interval` milliseconds. */
export class StartWindow {
  readonly #maxStarts: number;
  readonly #interval: number;
  // The times of the starts in the current window.
  #starts = new Fifo<number>();
  #latest = -Infinity;

  constructor(maxStarts: number, interval: number) {
    this.#maxStarts = maxStarts;
    this.#interval = interval;
  }

  /** How many starts are in the window that ends now. */
  get size(): number {
    this.#moveTo(userNow());
    return this.#starts.size;
  }

  /** Milliseconds until the next start is allowed; 0 when it is. */
  get delay(): number {
    const now = userNow();
    this.#moveTo(now);
    if (this.#starts.size < this.#maxStarts) return 0;
    return (this.#starts.peek() ?? now) + this.#interval - now;
  }

  add(): void {
    this.#latest = userNow();
    this.#starts.push(this.#latest);
  }

  #moveTo(now: number): void {
    if (now < this.#latest) this.#startOver(now);
    for (let first = this.#starts.peek(); first !== undefined; first = this.#starts.peek()) {
      if (now - first < this.#interval) return;
      this.#starts.shift();
    }
  }

  // The clock was set back: the starts count as those of now, because they would block others for long.
  #startOver(now: number): void {
    const starts = new Fifo<number>();
    for (let left = this.#starts.size; left > 0; left--) starts.push(now);
    this.#starts = starts;
    this.#latest = now;
  }
}
