/** The pending async callbacks of a run, and which of them its end waits for. @module */

import { callAfter } from "../_base/time.ts";

// A callback that never settles may be the reason why the user interrupted the program.
const INTERRUPTED_MS = 5000;

/** The pending callbacks of a run. */
export class PendingCallbacks {
  readonly #all = new Set<object>();
  // Callbacks of the events that end a run.
  readonly #last = new Set<object>();
  #awaited: ReadonlySet<object> = this.#all;
  #settled = Promise.withResolvers<void>();

  /** How many are pending. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether the end of the run waits for some. */
  get isAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /** Keeps a promise that never rejects until it settles. `isLast`: its event ends the run. */
  async add(callback: Promise<unknown>, isLast: boolean): Promise<void> {
    this.#all.add(callback);
    if (isLast) this.#last.add(callback);
    await callback;
    this.#remove([callback]);
  }

  /** Resolves when no awaited callback is pending. */
  async settle(): Promise<void> {
    while (this.#awaited.size > 0) {
      this.#settled = Promise.withResolvers();
      await this.#settled.promise;
    }
  }

  /** For an aborted run: its end waits for no callback, unless the program was interrupted. */
  abandon(): void {
    if (this.#awaited === this.#all) this.#awaited = new Set();
    this.#settled.resolve();
  }

  /** For an interrupted program: the end waits only for the callbacks of the last events. */
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
