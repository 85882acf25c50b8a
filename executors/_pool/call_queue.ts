/** The calls that wait for a worker. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call } from "../../scheduling/executor.ts";

// Below this it is not worth looking for settled calls.
const FEW = 16;

/** Waiting calls in the order of their submission; settled ones are passed over. */
export class CallQueue {
  // Those that were taken back from workers, the first one last. All were submitted before the others.
  readonly #returned: Call[] = [];
  readonly #others = new Fifo<Call>();
  #settledCount = 0;

  /** How many calls wait, together with settled ones that have not been removed. */
  get size(): number {
    return this.#returned.length + this.#others.size;
  }

  push(call: Call): void {
    this.#others.push(call);
  }

  /** Returns calls that were taken back to their places. */
  putBack(calls: readonly Call[]): void {
    if (calls.length === 0) return;
    for (const call of calls) this.#returned.push(call);
    this.#returned.sort((a, b) => b.id - a.id);
  }

  /** The first call, which stays; undefined when there is none. */
  peek(): Call | undefined {
    let call = this.#first();
    while (call?.settled) {
      this.#removeFirst();
      call = this.#first();
    }
    return call;
  }

  /** Takes the first call; undefined when there is none. */
  shift(): Call | undefined {
    const call = this.peek();
    this.#removeFirst();
    return call;
  }

  /** Takes out those of the calls that wait here. */
  takeOut(calls: readonly Call[]): Call[] {
    const wanted = new Set(calls);
    return this.#remove((call) => wanted.has(call));
  }

  /** Notes that a waiting call was settled: settled calls never outnumber the others for long. */
  noteSettled(): void {
    if (++this.#settledCount <= FEW || this.#settledCount * 2 <= this.size) return;
    this.#remove((call) => call.settled);
    this.#settledCount = 0;
  }

  #first(): Call | undefined {
    return this.#returned.at(-1) ?? this.#others.peek();
  }

  #removeFirst(): void {
    if (this.#returned.length > 0) this.#returned.pop();
    else this.#others.shift();
  }

  #remove(matches: (call: Call) => boolean): Call[] {
    const returned = this.#returned.splice(0).toReversed();
    this.putBack(returned.filter((call) => !matches(call)));
    return [...returned.filter(matches), ...this.#others.takeOut(matches)];
  }
}
