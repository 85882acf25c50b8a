/** Promises that a queue has become shorter. @module */

import type { Submitter } from "./_submitter.ts";

/** A queue from which one future at a time is removed. */
export interface ShrinkingQueue {
  readonly size: number;
  /** Called with the size after each removal. */
  onRemoved: ((size: number) => void) | undefined;
}

/** Everyone who waits until a queue is below some size. */
export class Thresholds {
  readonly #queue: ShrinkingQueue;
  readonly #runs: Pick<Submitter, "assertRunning" | "notRunning">;
  // By the size to get below, which is at most that of the queue.
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();

  constructor(queue: ShrinkingQueue, runs: Pick<Submitter, "assertRunning" | "notRunning">) {
    this.#queue = queue;
    this.#runs = runs;
  }

  /** Fulfils when the queue has fewer futures than `size`; rejects when the run ends before that. */
  whenBelow(size: number): Promise<void> {
    const promise = this.#wait(size);
    // As with `once()`, the end of a run is no unhandled rejection.
    promise.catch(() => {});
    return promise;
  }

  async #wait(size: number): Promise<void> {
    const { endListeners } = this.#runs.assertRunning(describe(size));
    if (this.#queue.size < size) return;
    const waiting = this.#waiting.get(size) ?? Promise.withResolvers<void>();
    this.#waiting.set(size, waiting);
    this.#queue.onRemoved = this.#removed;
    endListeners.add(this.#runEnded);
    await waiting.promise;
  }

  // The queue passes every size on its way down, so others than this one need not be looked at.
  readonly #removed = (size: number): void => {
    const waiting = this.#waiting.get(size + 1);
    if (waiting === undefined) return;
    this.#waiting.delete(size + 1);
    waiting.resolve();
  };

  readonly #runEnded = (): void => {
    for (const [size, { reject }] of this.#waiting) reject(this.#runs.notRunning(describe(size)));
    this.#waiting.clear();
  };
}

function describe(size: number): string {
  return `wait until fewer than ${size} futures are unsettled`;
}
