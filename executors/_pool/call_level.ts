/** The queued calls of one priority. @module */

import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call } from "../../scheduling/executor.ts";
import type { Arrivals } from "./arrivals.ts";

/** Queued calls of one priority, in the order of submission. */
export class CallLevel {
  readonly priority: number;
  readonly #arrivals: Arrivals;
  // Calls taken back from workers, the earliest last. All of them precede `#others`.
  readonly #returned: Call[] = [];
  readonly #others = new Fifo<Call>();

  /** `arrivals` knows the order of all calls of the queue. */
  constructor(priority: number, arrivals: Arrivals) {
    this.priority = priority;
    this.#arrivals = arrivals;
  }

  get size(): number {
    return this.#returned.length + this.#others.size;
  }

  /** The first call, without removing it. */
  get first(): Call | undefined {
    return this.#returned.at(-1) ?? this.#others.peek();
  }

  push(call: Call): void {
    this.#others.push(call);
  }

  /** Queues calls that were taken back from a worker, in the order of submission. */
  putBack(calls: readonly Call[]): void {
    for (const call of calls) this.#returned.push(call);
    const arrivals = this.#arrivals;
    this.#returned.sort((a, b) => arrivals.placeOf(b) - arrivals.placeOf(a));
  }

  removeFirst(): void {
    if (this.#returned.length > 0) this.#returned.pop();
    else this.#others.shift();
  }

  /** Removes and returns the calls that match. */
  takeOut(matches: (call: Call) => boolean): Call[] {
    const returned = this.#returned.splice(0).toReversed();
    this.putBack(returned.filter((call) => !matches(call)));
    return [...returned.filter(matches), ...this.#others.takeOut(matches)];
  }
}
