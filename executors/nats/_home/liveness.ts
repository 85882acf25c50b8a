/** Tells a worker that has gone from one that is slow. @module */

import type { WorkerLostReason } from "../../../scheduling/errors.ts";

/** Why a worker counts as lost. */
export interface Silence {
  readonly reason: Extract<WorkerLostReason, "died" | "unreachable">;
  readonly message: string;
}

/** How many signs of life, one a second, may be missing. */
export interface Patience {
  /** If the server says that the worker has no connection. */
  readonly disconnected: number;
  /** If there is no answer. */
  readonly silent: number;
}

/**
 * Counts the signs of life that a worker owes. It counts questions, not time: while this program cannot
 * ask, because it computes or has no connection, nobody is lost.
 */
export class Liveness {
  readonly #patience: Patience;
  #disconnected = 0;
  #silent = 0;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** The worker has shown that it lives. */
  noteSign(): void {
    this.#disconnected = 0;
    this.#silent = 0;
  }

  /** The server has said that the worker has no connection. */
  noteGone(): void {
    this.#disconnected++;
  }

  /** A question was not answered. */
  noteSilence(): void {
    this.#silent++;
  }

  /** Why the worker counts as lost, if it does. */
  get silence(): Silence | undefined {
    const { disconnected, silent } = this.#patience;
    if (this.#disconnected >= disconnected) {
      return { reason: "died", message: "The program of its worker has gone" };
    }
    if (this.#silent + this.#disconnected < silent) return undefined;
    return { reason: "unreachable", message: `Its worker has not answered for ${silent} s` };
  }
}
