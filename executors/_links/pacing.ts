/** Keeps the event loop turning while a worker sends messages faster than they are handled. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import { now, setImmediate } from "../../scheduling/_base/time.ts";

// The platform handles all messages of a worker that have arrived before any timer, and would go on as long
// as the worker sends: one that does without a pause would block timers for ever.
const TURN_MS = 2;

/** Acts on messages that have to wait. */
export interface PacingListener {
  /** Messages wait: no more should be read. */
  busy(): void;
  /** No message waits any more. */
  idle(): void;
}

/** Handles messages in order, for a limited time in each turn of the event loop. */
export class Pacing {
  readonly #listener: PacingListener | undefined;
  readonly #waiting = new Fifo<() => void>();
  #isInTurn = false;
  #turnStart = 0;
  #handledCount = 0;

  constructor(listener?: PacingListener) {
    this.#listener = listener;
  }

  /** How many messages were handled. */
  get handledCount(): number {
    return this.#handledCount;
  }

  /** Whether messages wait. */
  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Handles a message now, or in a later turn. */
  paced(handle: () => void): void {
    if (this.isBusy || this.#isTurnOver()) this.#wait(handle);
    else this.#handle(handle);
  }

  /** Handles something else that the worker has done: at once, unless messages wait. */
  inOrder(handle: () => void): void {
    if (this.isBusy) this.#wait(handle);
    else handle();
  }

  #wait(handle: () => void): void {
    this.#waiting.push(handle);
    if (this.#waiting.size === 1) this.#listener?.busy();
  }

  #handle(handle: () => void): void {
    this.#handledCount++;
    handle();
  }

  #isTurnOver(): boolean {
    if (!this.#isInTurn) this.#beginTurn();
    return now() - this.#turnStart >= TURN_MS;
  }

  #beginTurn(): void {
    this.#isInTurn = true;
    this.#turnStart = now();
    setImmediate(() => {
      this.#isInTurn = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (!this.isBusy) return;
    while (this.isBusy && !this.#isTurnOver()) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#handle(next);
    }
    if (!this.isBusy) this.#listener?.idle();
  }
}
