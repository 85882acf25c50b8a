/** Cancels each future at the time that its kind demands. @module */

import type { Future, Scheduler } from "@amltk/scheduling";
import type { Cancellation } from "./kinds.ts";

// Polled, because no event says that a call has started.
const LOOK_MS = 2;

/** How to cancel one future. */
interface Waiting {
  readonly future: Future;
  readonly cancel: () => void;
}

/** The cancellations of one run. */
export class Cancellations {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<Waiting>();

  /** Makes the cancellations for the futures of a scheduler. */
  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Returns the signal to submit with, and what to do after the submission. */
  prepare(
    how: Cancellation | undefined,
    milliseconds: number,
  ): { signal: AbortSignal | undefined; submitted: (future: Future) => void } {
    const controller = new AbortController();
    const abort = () => controller.abort(new RangeError("aborted"));
    const { signal } = controller;
    switch (how) {
      case undefined:
        return { signal: undefined, submitted: () => {} };
      case "cancel at once":
        return { signal: undefined, submitted: (future) => future.cancel() };
      case "cancel when running":
        return {
          signal: undefined,
          submitted: (future) => this.#whenRunning({ future, cancel: () => future.cancel() }),
        };
      case "cancel at some time":
        return {
          signal: undefined,
          submitted: (future) => this.#scheduler.callLater(milliseconds, () => future.cancel()),
        };
      case "abort before":
        abort();
        return { signal, submitted: () => {} };
      case "abort at once":
        return { signal, submitted: abort };
      case "abort when running":
        return { signal, submitted: (future) => this.#whenRunning({ future, cancel: abort }) };
    }
  }

  #whenRunning(waiting: Waiting): void {
    this.#waiting.add(waiting);
    // One timer for all futures, because a burst has many.
    if (this.#waiting.size === 1) this.#lookLater();
  }

  #lookLater(): void {
    this.#scheduler.callLater(LOOK_MS, () => this.#look());
  }

  #look(): void {
    for (const waiting of this.#waiting) {
      if (waiting.future.state === "pending") continue;
      this.#waiting.delete(waiting);
      waiting.cancel();
    }
    if (this.#waiting.size > 0) this.#lookLater();
  }
}
