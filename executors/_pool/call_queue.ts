/** The calls that wait for a worker. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call } from "../../scheduling/executor.ts";

/** First in, first out; settled calls are passed over. */
export class CallQueue {
  readonly #calls = new Fifo<Call>();

  /** How many calls wait, those included that were settled meanwhile. */
  get size(): number {
    return this.#calls.size;
  }

  push(call: Call): void {
    this.#calls.push(call);
  }

  /** Puts calls that were taken back to the front. */
  putBack(calls: readonly Call[]): void {
    for (const call of calls.toReversed()) this.#calls.unshift(call);
  }

  /** The first call, which stays; undefined when there is none. */
  peek(): Call | undefined {
    let call = this.#calls.peek();
    while (call?.settled) {
      this.#calls.shift();
      call = this.#calls.peek();
    }
    return call;
  }

  /** Takes the first call; undefined when there is none. */
  shift(): Call | undefined {
    const call = this.peek();
    this.#calls.shift();
    return call;
  }

  /** Takes out those of the calls that wait here. */
  takeOut(calls: readonly Call[]): Call[] {
    const wanted = new Set(calls);
    return this.#calls.takeOut((call) => wanted.has(call));
  }
}
