/** The async callbacks of a run that have not settled: which of them its end waits for. @module */

import { callAfter } from "../_base/time.ts";

// A callback that was pending when the user interrupted the program may be why.
const INTERRUPTED_MS = 5000;

/** The pending callbacks of a run. */
export class PendingCallbacks {
  readonly #all = new Set<object>();
  // Those of the events with which a run ends.
  readonly #last = new Set<object>();
  #awaited: ReadonlySet<object> = this.#all;
  #settled = Promise.withResolvers<void>();

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Keeps a promise, which never rejects, until it settles; `isLast` for an event of the end. */
  async add(callback: Promise<unknown>, isLast: boolean): Promise<void> {
    this.#all.add(callback);
    if (isLast) this.#last.add(callback);
    await callback;
    this.#remove([callback]);
  }

  /** Resolves when no awaited callback is left. */
  async settle(): Promise<void> {
    while (this.#awaited.size > 0) {
      this.#settled = Promise.withResolvers();
      await this.#settled.promise;
    }
  }

  /** The run was aborted: its end waits for no callback, unless the program was interrupted. */
  abandon(): void {
    if (this.#awaited === this.#all) this.#awaited = new Set();
    this.#settled.resolve();
  }

  /** The program is to exit: the end waits for callbacks of the last events alone. */
  interrupt(): void {
    const before = [...this.#last];
    callAfter(INTERRUPTED_MS, () => this.#remove(before));
    this.#awaited = this.#last;
    this.#settled.resolve();
  }

  #remove(callbacks: readonly object[]): void {
    for (const callback of callbacks) {
      this.#all.delete(callback);
      this.#last.delete(callback);
    }
    this.#settled.resolve();
  }
}
