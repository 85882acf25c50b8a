/** Cancels futures at the moment that their kind says. @module */

import type { Future, Scheduler } from "@amltk/scheduling";
import type { Cancellation } from "./kinds.ts";

// There is no event that a task has begun.
const LOOK_MS = 2;

/** A way to cancel one future. */
interface Waiting {
  readonly future: Future;
  readonly cancel: () => void;
}

/** The cancellations of one run. */
export class Cancellations {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<Waiting>();

  /** For the futures of a scheduler. */
  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** The signal to submit with, and what to do once the future is there. */
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
    // One look for all of them, as a burst has many.
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
