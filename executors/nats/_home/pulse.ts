/** Asks a worker for signs of life. @module */

import { hasNoResponders } from "../_wire/replies.ts";
import { Liveness, type Patience, type Silence } from "./liveness.ts";

// Shorter than the time between two questions.
const TIMEOUT_MS = 900;
// A worker may connect so much later than this program to a server that was away.
const RECONNECT_MS = 10_000;

/** How the worker is asked. */
export interface PulseRoute {
  /** Asks the worker; rejects if there is no answer within the time. */
  ping(timeout: number): Promise<void>;
  /** Whether the server itself answers within the time. */
  serverAnswers(timeout: number): Promise<boolean>;
  /** For how many milliseconds this program has been connected again. */
  connectedMs(): number;
}

/** The signs of life of one worker. */
export class Pulse {
  readonly #route: PulseRoute;
  readonly #liveness: Liveness;
  #isAsking = false;

  constructor(patience: Patience, route: PulseRoute) {
    this.#liveness = new Liveness(patience);
    this.#route = route;
  }

  /** The worker has shown that it lives. */
  noteSign(): void {
    this.#liveness.noteSign();
  }

  /** Asks, unless it is waiting for an answer; returns why the worker counts as lost, if it does. */
  async ask(): Promise<Silence | undefined> {
    if (this.#isAsking) return undefined;
    this.#isAsking = true;
    try {
      await this.#route.ping(TIMEOUT_MS);
    } catch (error) {
      await this.#noteUnanswered(error);
    }
    this.#isAsking = false;
    return this.#liveness.silence;
  }

  // A connection that is cut may be believed to last for minutes: only what has reached the server counts.
  async #noteUnanswered(error: unknown): Promise<void> {
    if (!await this.#route.serverAnswers(TIMEOUT_MS)) return;
    const mayReturn = this.#route.connectedMs() < RECONNECT_MS;
    if (hasNoResponders(error) && !mayReturn) this.#liveness.noteGone();
    else this.#liveness.noteSilence();
  }
}
