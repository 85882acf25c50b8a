/** The calls of this program whose results are to come, and the equal ones that wait for them. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Future } from "../../scheduling/future.ts";

/** Of several equal calls at a time, one is computed, and the others wait in line. */
export class EqualCalls {
  // Those that wait, for each key that is under way. One at a time is let go: if all were, the calls
  // that fail one after the other would cost the square of their number.
  readonly #lines = new Map<string, Fifo<() => void>>();

  /** Whether a call with this key is computed. */
  isUnderWay(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Computes a call: later ones with its key wait until its future has settled. */
  lead(key: string, future: Future): void {
    if (!this.#lines.has(key)) this.#lines.set(key, new Fifo());
    const end = (): void => this.letNextGo(key);
    Promise.resolve(future).then(end, end);
  }

  /** Waits in line. Who is let go must lead, or let the next one go. */
  wait(key: string): Promise<void> {
    return new Promise((resolve) => this.#lines.get(key)?.push(resolve));
  }

  /** Lets the next call with this key go. */
  letNextGo(key: string): void {
    const next = this.#lines.get(key)?.shift();
    if (next === undefined) this.#lines.delete(key);
    else next();
  }
}
