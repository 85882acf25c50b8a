/**
 * How many calls go to a worker in one message. A message costs some twenty times a trivial call, so
 * these go together; calls that take longer go one by one, for what was sent waits for what is ahead.
 *
 * @module
 */

import type { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call } from "../../scheduling/executor.ts";
import { limitNames, NO_LIMITS } from "../../scheduling/limits.ts";
import type { FunctionTable } from "./function_table.ts";
import { LANE_SIZE } from "../_wire/batch_memory.ts";

/** At most so many calls a message; by default as many as their time suggests. */
export type BatchSize = number | "adaptive";

/** What executors do that are not told otherwise; the tests run with others, too. */
export const defaults: { batch: BatchSize } = { batch: "adaptive" };

// Much more than a message costs, and too little to be noticed.
const BUDGET_MS = 1;

/** Whether a call goes to an idle worker by itself: what moves cannot be taken back. */
export function goesAlone(call: Call): boolean {
  return call.transfer.length > 0 || isLimited(call);
}

/** Whether the worker has to say when it begins. */
export function isLimited({ limits }: Call): boolean {
  return limits !== NO_LIMITS && limitNames(limits).length > 0;
}

/** Calls that go to a worker in one message. */
export interface Batch {
  readonly calls: readonly Call[];
  /** Whether the worker will soon be through with them, so that more may be sent ahead. */
  readonly isShort: boolean;
}

/** Puts batches together. */
export class Batching {
  readonly #size: BatchSize;
  readonly #functions: FunctionTable;

  constructor(size: BatchSize, functions: FunctionTable) {
    this.#size = size;
    this.#functions = functions;
  }

  /** Takes the next calls from the queue, for one of so many workers that could take them. */
  take(queue: Fifo<Call>, takers: number): Batch {
    const size = this.#size === "adaptive" ? LANE_SIZE : this.#size;
    const most = Math.min(size, LANE_SIZE, Math.ceil(queue.size / takers));
    const calls: Call[] = [];
    let time = 0;
    for (let call = queue.peek(); call !== undefined; call = queue.peek()) {
      if (!call.settled) {
        const total = time + this.#timeOf(call);
        const alone = goesAlone(call);
        if (calls.length > 0 && (alone || total > BUDGET_MS)) break;
        calls.push(call);
        time = alone ? Infinity : total;
      }
      queue.shift();
      if (calls.length === most || time > BUDGET_MS) break;
    }
    return { calls, isShort: size > 1 && time <= BUDGET_MS };
  }

  #timeOf(call: Call): number {
    if (this.#size !== "adaptive") return 0;
    return this.#functions.lookUp(call.function).time ?? Infinity;
  }
}
