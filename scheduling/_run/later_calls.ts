/** The delayed calls of a run, made by `callLater()`. @module */

import { currentContext, inContext } from "../_base/async_context.ts";
import { callAfter, userTimers } from "../_base/time.ts";

/** Receives the outcome of a delayed call. */
export interface LaterObserver {
  returned(value: unknown, event: string, callback: () => unknown): void;
  threw(error: unknown): void;
}

/** The pending delayed calls of a run. */
export class LaterCalls {
  readonly #observer: LaterObserver;
  readonly #cancels = new Set<() => void>();

  constructor(observer: LaterObserver) {
    this.#observer = observer;
  }

  /** Calls `fn` in `ms` milliseconds, in the current async context; returns a way to cancel. */
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
