/**
 * How many calls go to a worker in one message. A message costs some twenty times a trivial call, so
 * these go together; calls that take longer go one by one, for what was sent waits for what is ahead.
 *
 * @module
 */

import type { Call } from "../../scheduling/executor.ts";
import { limitNames, NO_LIMITS } from "../../scheduling/limits.ts";
import type { Deliveries } from "./deliveries.ts";
import type { FunctionTable } from "./function_table.ts";
import { MAX_BATCH_SIZE } from "../_wire/batch_memory.ts";

/** At most so many calls a message; by default as many as their time suggests. */
export type BatchSize = number | "adaptive";

// Much more than a message costs, and too little to be noticed.
const BUDGET_MS = 1;

/** Whether the worker has to report when the call starts. */
export function isLimited({ limits }: Call): boolean {
  return limits !== NO_LIMITS && limitNames(limits).length > 0;
}

/** Calls that go to a worker in one message. */
export interface Batch {
  readonly calls: readonly Call[];
  /** Whether they are so short that the next batch may be sent before they have ended. */
  readonly allowsPrefetch: boolean;
}

/** The calls that wait, in their order. */
export interface CallSource {
  readonly size: number;
  peek(): Call | undefined;
  shift(): Call | undefined;
}

/** Puts batches together. */
export class Batching {
  readonly #size: BatchSize;
  readonly #functions: FunctionTable;
  readonly #deliveries: Deliveries;

  constructor(size: BatchSize, functions: FunctionTable, deliveries: Deliveries) {
    this.#size = size;
    this.#functions = functions;
    this.#deliveries = deliveries;
  }

  /** Whether a call goes to an idle worker on its own: what moves cannot be taken back. */
  goesAlone(call: Call): boolean {
    return call.transfer.length > 0 || isLimited(call) || this.#deliveries.hasFailed(call);
  }

  /** Takes the next calls from the queue, for one of `takers` workers that could take them. */
  take(queue: CallSource, takers: number): Batch {
    const size = this.#size === "adaptive" ? MAX_BATCH_SIZE : this.#size;
    const most = Math.min(size, MAX_BATCH_SIZE, Math.ceil(queue.size / takers));
    const first = queue.shift();
    if (first === undefined) return { calls: [], allowsPrefetch: false };
    if (this.goesAlone(first)) return { calls: [first], allowsPrefetch: false };
    const calls = [first];
    let time = this.#timeOf(first);
    while (calls.length < most) {
      const next = queue.peek();
      if (next === undefined || this.goesAlone(next)) break;
      const total = time + this.#timeOf(next);
      if (total > BUDGET_MS) break;
      calls.push(next);
      queue.shift();
      time = total;
    }
    return { calls, allowsPrefetch: size > 1 && time <= BUDGET_MS };
  }

  #timeOf(call: Call): number {
    if (this.#size !== "adaptive") return 0;
    return this.#functions.lookUp(call.function).time ?? Infinity;
  }
}
