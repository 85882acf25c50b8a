/** The queued calls of a run, by what they need of a worker. @module */

import type { Call } from "../../../scheduling/executor.ts";
import { Arrivals } from "../../_pool/arrivals.ts";
import { CallQueue } from "../../_pool/call_queue.ts";

/** Queues calls by their limits. Across these, the order is that of one queue. */
export class NeedQueues {
  readonly #needs = new Map<string, CallQueue>();
  readonly #arrivals = new Arrivals();

  get isEmpty(): boolean {
    return [...this.#needs.values()].every((queue) => queue.peek() === undefined);
  }

  push(call: Call): void {
    this.#arrivals.add(call);
    this.#queueOf(call).push(call);
  }

  /** Queues calls that were sent and have not begun, at their places. */
  putBack(calls: readonly Call[]): void {
    for (const call of calls) this.#queueOf(call).putBack([call]);
  }

  /** The first call that somebody can take. */
  peek(canTake: (call: Call) => boolean): Call | undefined {
    let first: Call | undefined;
    for (const queue of this.#needs.values()) {
      const call = queue.peek();
      if (call === undefined || (first !== undefined && !this.#precedes(call, first))) continue;
      if (canTake(call)) first = call;
    }
    return first;
  }

  /** Removes a call that is the first of its queue. */
  shift(call: Call): void {
    this.#queueOf(call).shift();
  }

  takeOut(calls: readonly Call[]): Call[] {
    return [...this.#needs.values()].flatMap((queue) => queue.takeOut(calls));
  }

  noteSettled(call: Call): void {
    this.#queueOf(call).noteSettled();
  }

  fail(error: Error): void {
    for (const queue of this.#needs.values()) queue.fail(error);
  }

  #precedes(a: Call, b: Call): boolean {
    if (a.priority !== b.priority) return a.priority > b.priority;
    return this.#arrivals.placeOf(a) < this.#arrivals.placeOf(b);
  }

  #queueOf({ limits }: Call): CallQueue {
    const key = Object.keys(limits).sort().join();
    const queue = this.#needs.get(key) ?? new CallQueue();
    this.#needs.set(key, queue);
    return queue;
  }
}
