/** Answers for the callbacks of a scheduler and its tasks: brings them to the run, if there is one. @module */

import type { Run } from "./run.ts";
import { Waiters } from "./waiters.ts";
import type { EmitterHost } from "../emitter.ts";

/** The host of a scheduler's emitters. */
export class Host implements EmitterHost {
  /** The run under way. */
  run: Run | undefined;
  readonly waiters: Waiters = new Waiters();

  threw(errors: readonly unknown[]): boolean {
    if (this.run === undefined) return false;
    for (const error of errors) this.run.threw(error);
    return true;
  }

  returned(value: unknown): void {
    this.run?.returned(value);
  }
}
