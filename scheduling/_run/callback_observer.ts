/** Passes on what callbacks throw and return to the current run. @module */

import type { Run } from "./run.ts";
import { Waiters } from "./waiters.ts";
import type { Callback } from "../_listener.ts";
import { remedyForEvent } from "../_check_executor.ts";
import type { EmitterObserver } from "../emitter.ts";
import type { Executor } from "../executor.ts";

/** Observes a scheduler and its tasks. */
export class CallbackObserver implements EmitterObserver {
  /** The current run. */
  run: Run | undefined;
  readonly waiters: Waiters = new Waiters();
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  remedyFor(event: string): string | undefined {
    return remedyForEvent(this.#executor, event);
  }

  threw(errors: readonly unknown[]): boolean {
    if (this.run === undefined) return false;
    for (const error of errors) this.run.threw(error);
    return true;
  }

  returned(value: unknown, event: string, callback: Callback): void {
    this.run?.returned(value, event, callback);
  }
}
