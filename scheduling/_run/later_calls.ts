/** What `callLater()` has scheduled in a run. @module */

import { currentContext, inContext } from "../_base/async_context.ts";
import { callAfter, userTimers } from "../_base/time.ts";

/** Receives what a function that was called later comes to. */
export interface LaterObserver {
  returned(value: unknown, event: string, callback: () => unknown): void;
  threw(error: unknown): void;
}

/** The functions that a run is still to call. */
export class LaterCalls {
  readonly #observer: LaterObserver;
  readonly #cancels = new Set<() => void>();

  constructor(observer: LaterObserver) {
    this.#observer = observer;
  }

  /** Calls `fn` in `ms` milliseconds, in the async context of this call; returns the way to cancel it. */
  add(ms: number, fn: () => unknown): () => void {
    const context = currentContext();
    const cancel = () => {
      stopTimer();
      this.#cancels.delete(cancel);
    };
    const call = () => {
      this.#cancels.delete(cancel);
      inContext(context, () => this.#call(fn));
    };
    const stopTimer = callAfter(ms, call, userTimers());
    this.#cancels.add(cancel);
    return cancel;
  }

  cancelAll(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #call(fn: () => unknown): void {
    try {
      this.#observer.returned(fn(), "callLater()", fn);
    } catch (error) {
      this.#observer.threw(error);
    }
  }
}
