/** How long to wait for an answer before a message is sent again. @module */

import { now } from "../../../scheduling/_base/time.ts";

const SHORTEST_MS = 2_000;
const LONGEST_MS = 32_000;

/**
 * Waits for longer once an answer was late, and for less once answers are quick. With a fixed time, a slow
 * connection would be filled with copies of what is still on its way.
 */
export class AckTimeout {
  readonly #shortest: number;
  #ms: number;

  /** `shortest` milliseconds are how long it waits at first, and at least. */
  constructor(shortest: number = SHORTEST_MS) {
    this.#shortest = shortest;
    this.#ms = shortest;
  }

  /** Calls `send` with the milliseconds after which it is to give up; passes on its outcome. */
  async during<T>(send: (timeout: number) => Promise<T>): Promise<T> {
    const timeout = this.#ms;
    const sentAt = now();
    try {
      const answer = await send(timeout);
      this.#ms = this.#bounded(2 * (now() - sentAt));
      return answer;
    } catch (error) {
      // Several messages may be late at the same time, which counts once.
      if (now() - sentAt >= timeout) this.#ms = Math.max(this.#ms, this.#bounded(2 * timeout));
      throw error;
    }
  }

  #bounded(ms: number): number {
    return Math.min(LONGEST_MS, Math.max(this.#shortest, ms));
  }
}
