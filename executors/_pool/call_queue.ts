/** The queued calls of an executor. @module */

import { Heap } from "../../scheduling/_base/heap.ts";
import type { Call } from "../../scheduling/executor.ts";
import { Arrivals } from "./arrivals.ts";
import { CallLevel } from "./call_level.ts";

// Removing fewer settled calls is not worth a pass over the queue.
const FEW = 16;

/**
 * Queued calls by priority, then in the order of submission. Settled calls are skipped. Queueing takes
 * logarithmic time in the number of distinct priorities, not in that of the calls.
 */
export class CallQueue {
  readonly #levels = new Map<number, CallLevel>();
  readonly #arrivals = new Arrivals();
  #byPriority = newHeap();
  #size = 0;
  #settledCount = 0;

  /** How many calls are queued, including settled ones that have not been removed yet. */
  get size(): number {
    return this.#size;
  }

  /** Queues a call as the last of its priority. */
  push(call: Call): void {
    this.#arrivals.add(call);
    this.#levelOf(call.priority).push(call);
    this.#size++;
  }

  /** Queues calls that were taken back from a worker, at their places. */
  putBack(calls: readonly Call[]): void {
    for (const [priority, group] of Map.groupBy(calls, (call) => call.priority)) {
      this.#levelOf(priority).putBack(group);
    }
    this.#size += calls.length;
  }

  /** The first call, without removing it. */
  peek(): Call | undefined {
    let call = this.#top?.first;
    while (call?.settled) {
      this.#removeFirst();
      call = this.#top?.first;
    }
    return call;
  }

  /** Removes and returns the first call. */
  shift(): Call | undefined {
    const call = this.peek();
    if (call !== undefined) this.#removeFirst();
    return call;
  }

  /** Removes and returns those of the calls that are queued. */
  takeOut(calls: readonly Call[]): Call[] {
    const wanted = new Set(calls);
    return this.#remove((call) => wanted.has(call));
  }

  /** Fails all calls, and those that are queued meanwhile. */
  fail(error: Error): void {
    for (let call = this.shift(); call !== undefined; call = this.shift()) call.fail(error);
  }

  /** Notes that a queued call was settled; removes settled calls once they are the majority. */
  noteSettled(): void {
    if (++this.#settledCount <= FEW || this.#settledCount * 2 <= this.size) return;
    this.#remove((call) => call.settled);
    this.#settledCount = 0;
  }

  /** The level of the first call. The last level stays even if it is empty, because most queues have one. */
  get #top(): CallLevel | undefined {
    let top = this.#byPriority.peek();
    while (top?.size === 0 && this.#byPriority.size > 1) {
      this.#byPriority.pop();
      this.#levels.delete(top.priority);
      top = this.#byPriority.peek();
    }
    return top;
  }

  #levelOf(priority: number): CallLevel {
    const level = this.#levels.get(priority);
    if (level !== undefined) return level;
    const added = new CallLevel(priority, this.#arrivals);
    this.#levels.set(priority, added);
    this.#byPriority.push(added);
    return added;
  }

  #removeFirst(): void {
    this.#top?.removeFirst();
    this.#size--;
  }

  #remove(matches: (call: Call) => boolean): Call[] {
    const removed = [...this.#levels.values()].flatMap((level) => level.takeOut(matches));
    this.#size -= removed.length;
    this.#dropEmptyLevels();
    return removed;
  }

  #dropEmptyLevels(): void {
    this.#byPriority = newHeap();
    for (const level of this.#levels.values()) {
      if (level.size === 0) this.#levels.delete(level.priority);
      else this.#byPriority.push(level);
    }
  }
}

function newHeap(): Heap<CallLevel> {
  return new Heap((a, b) => a.priority > b.priority);
}
