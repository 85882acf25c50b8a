/** When the workers of a pool start, and what if they cannot. @module */

import { queueMicrotask } from "../../scheduling/_base/time.ts";
import { ExecutorBrokenError } from "../../scheduling/errors.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";

// After three failures in a row, another attempt would fail as well.
const MAX_FAILED_STARTS = 3;

/** Starts workers, and counts the starts that failed in a row. */
export class WorkerStarts {
  readonly #start: (wanted: number) => void;
  // How many workers are to be there when the microtask has run; 0 if none is due.
  #wanted = 0;
  #count = 0;
  #last: Pick<WorkerEnd, "message" | "cause"> = { message: "" };

  /** `start` starts workers until there are as many as wanted. */
  constructor(start: (wanted: number) => void) {
    this.#start = start;
  }

  /**
   * Starts workers in a microtask, until there are as many as wanted. To start the first ones loads modules
   * of Deno, and outside of a microtask Deno then runs all queued microtasks: other code would see a pool
   * with a worker that is half made.
   */
  soon(wanted: number): void {
    const isDue = this.#wanted > 0;
    this.#wanted = Math.max(this.#wanted, wanted);
    if (isDue || wanted === 0) return;
    queueMicrotask(() => {
      const due = this.#wanted;
      this.#wanted = 0;
      if (due > 0) this.#start(due);
    });
  }

  /** Starts no worker that is due, and forgets the failures. */
  close(): void {
    this.#wanted = 0;
    this.reset();
  }

  /** Whether another start is worth a try. */
  get mayStart(): boolean {
    return this.#count < MAX_FAILED_STARTS;
  }

  /** Starts a worker, or notes why it cannot. */
  attempt(start: () => void): void {
    try {
      start();
    } catch (cause) {
      this.add(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  /** Notes why a worker could not be started. */
  add(message: string, cause: unknown): void {
    this.#count++;
    this.#last = { message, cause };
  }

  /** Notes that a worker has started. */
  reset(): void {
    this.#count = 0;
  }

  /** What calls fail with when no worker is left, and so many threads go on without yielding. */
  brokenError(runaways: number): ExecutorBrokenError {
    if (this.mayStart) {
      return new ExecutorBrokenError(
        `No worker is left: ${runaways} terminated threads keep running without yielding; ` +
          `run such functions in child processes (Scheduler.withProcesses)`,
      );
    }
    const { message, cause } = this.#last;
    return new ExecutorBrokenError(
      `No worker can be started: the last ${MAX_FAILED_STARTS} failed to. ${message}`,
      { cause },
    );
  }
}
