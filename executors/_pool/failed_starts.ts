/** Whether a pool may start workers, or why it has none left. @module */

import { ExecutorBrokenError } from "../../scheduling/errors.ts";

// After three failures in a row, another attempt would fail as well.
const MAX_FAILED_STARTS = 3;

/** The failed starts in a row. */
export class FailedStarts {
  #count = 0;
  #last: { readonly message: string; readonly cause?: unknown } | undefined;

  /** Notes a start that failed. */
  note(message: string, cause: unknown): void {
    this.#count++;
    this.#last = { message, cause };
  }

  /** Notes a start that succeeded. */
  reset(): void {
    this.#count = 0;
  }

  /** Whether another start may succeed. */
  get mayStart(): boolean {
    return this.#count < MAX_FAILED_STARTS;
  }

  /** The error of calls when no worker is left, for failed starts or for so many runaway threads. */
  toError(runaways: number): ExecutorBrokenError {
    if (this.mayStart) {
      return new ExecutorBrokenError(
        `No worker is left: ${runaways} terminated threads keep running without yielding; run such ` +
          `functions in child processes (Scheduler.withProcesses)`,
      );
    }
    const { message, cause } = this.#last ?? {};
    return new ExecutorBrokenError(
      `No worker can be started: the last ${MAX_FAILED_STARTS} failed to. ${message}`,
      { cause },
    );
  }
}
