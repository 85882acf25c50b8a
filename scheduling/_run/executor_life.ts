/** Starts the executor with a run, and shuts it down at the end. @module */

import { settlesInGrace } from "../_base/time.ts";
import type { Executor } from "../executor.ts";
import type { OutputRoutes } from "./output_routes.ts";

// Long enough for workers that yield to end.
const INTERRUPTED_SHUTDOWN_MS = 500;

/** The executor, and where the output of its workers goes. */
export interface ExecutorParts {
  readonly executor: Executor;
  readonly dispatcher: { readonly output: OutputRoutes };
}

/** The executor during one run. Errors that it throws go to `threw`. */
export class ExecutorLife {
  readonly #executor: Executor;
  readonly #output: OutputRoutes;
  readonly #threw: (error: unknown) => void;
  #ended = false;

  constructor(
    { executor, dispatcher: { output } }: ExecutorParts,
    threw: (error: unknown) => void,
  ) {
    this.#executor = executor;
    this.#output = output;
    this.#threw = threw;
  }

  /** Whether its workers have ended, or go on in spite of it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls the `start()` of the executor. */
  start(): void {
    try {
      this.#executor.start?.();
    } catch (error) {
      this.#threw(error);
    }
  }

  /** Ends its workers; resolves with the threads that go on, as far as that is known. */
  async shutdown(interrupted: boolean): Promise<number | undefined> {
    try {
      const shutdown = this.#executor.shutdown();
      // An interrupted program does not wait for threads that never yield.
      if (interrupted && !await settlesInGrace(shutdown, INTERRUPTED_SHUTDOWN_MS)) return undefined;
      return (await shutdown).runaways;
    } catch (error) {
      this.#threw(error);
      return undefined;
    } finally {
      await this.#output.end();
      this.#ended = true;
    }
  }
}
