/** The queued calls of an executor. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call } from "../../scheduling/executor.ts";

// Removing fewer settled calls is not worth a pass over the queue.
const FEW = 16;

/** Queued calls in the order of submission. Settled calls are skipped. */
export class CallQueue {
  // Calls taken back from workers, the earliest last. All of them precede `#others`.
  readonly #returned: Call[] = [];
  readonly #others = new Fifo<Call>();
  #settledCount = 0;

  /** How many calls are queued, including settled ones that have not been removed yet. */
  get size(): number {
    return this.#returned.length + this.#others.size;
  }

  push(call: Call): void {
    this.#others.push(call);
  }

  /** Queues calls that were taken back from a worker, in the order of submission. */
  putBack(calls: readonly Call[]): void {
    if (calls.length === 0) return;
    for (const call of calls) this.#returned.push(call);
    this.#returned.sort((a, b) => b.id - a.id);
  }

  /** The first call, without removing it. */
  peek(): Call | undefined {
    let call = this.#first();
    while (call?.settled) {
      this.#removeFirst();
      call = this.#first();
    }
    return call;
  }

  /** Removes and returns the first call. */
  shift(): Call | undefined {
    const call = this.peek();
    this.#removeFirst();
    return call;
  }

  /** Removes and returns those of the calls that are queued. */
  takeOut(calls: readonly Call[]): Call[] {
    const wanted = new Set(calls);
    return this.#remove((call) => wanted.has(call));
  }

  /** Notes that a queued call was settled; removes settled calls once they are the majority. */
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
