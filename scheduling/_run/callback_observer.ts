/** Brings what callbacks of a scheduler and its tasks throw and return to the run under way. @module */

import type { Run } from "./run.ts";
import { Waiters } from "./waiters.ts";
import type { Callback } from "../_listener.ts";
import type { EmitterObserver } from "../emitter.ts";

/** Observes the emitters of a scheduler: itself and its tasks. */
export class CallbackObserver implements EmitterObserver {
  /** The run under way. */
  run: Run | undefined;
  readonly waiters: Waiters = new Waiters();

  threw(errors: readonly unknown[]): boolean {
    if (this.run === undefined) return false;
    for (const error of errors) this.run.threw(error);
    return true;
  }

  returned(value: unknown, event: string, callback: Callback): void {
    this.run?.returned(value, event, callback);
  }
}
