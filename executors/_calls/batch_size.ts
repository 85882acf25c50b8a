/**
 * How many calls go to a worker in one message. A message costs some twenty times a trivial call, so
 * trivial calls share one. Longer calls go one by one, because in a batch each waits for those before it.
 *
 * @module
 */

import type { Call } from "../../scheduling/executor.ts";
import { limitNames, NO_LIMITS } from "../../scheduling/limits.ts";
import type { Deliveries } from "./deliveries.ts";
import type { FunctionTable } from "./function_table.ts";
import { MAX_BATCH_SIZE } from "../_wire/protocol.ts";

/** The maximum of calls in a message, or `"adaptive"`: as many as their durations suggest. */
export type BatchSize = number | "adaptive";

// Many times the cost of a message, and too short to notice.
const BUDGET_MS = 1;

/** Whether the worker has to report when the call starts. */
export function reportsStart(call: Call): boolean {
  return isLimited(call) || call.channel !== undefined;
}

/** Whether the call has limits. */
export function isLimited({ limits }: Call): boolean {
  return limits !== NO_LIMITS && limitNames(limits).length > 0;
}

/** Calls that cross in one message. */
export interface Batch {
  readonly calls: readonly Call[];
  /** Whether they are short enough to prefetch the next batch. */
  readonly allowsPrefetch: boolean;
}

/** The queued calls, in order. */
export interface CallSource {
  readonly size: number;
  peek(): Call | undefined;
  shift(): Call | undefined;
}

/** Divides queued calls into batches. */
export class Batching {
  readonly #size: BatchSize;
  readonly #functions: FunctionTable;
  readonly #deliveries: Deliveries;

  constructor(size: BatchSize, functions: FunctionTable, deliveries: Deliveries) {
    this.#size = size;
    this.#functions = functions;
    this.#deliveries = deliveries;
  }

  /**
   * Whether a call goes alone to an idle worker: moved arguments, for one, cannot be taken back, and calls
   * of one batch could not wait for each other's messages.
   */
  goesAlone(call: Call): boolean {
    return call.transfer.length > 0 || reportsStart(call) || this.#deliveries.hasFailed(call);
  }

  /**
   * Takes the next batch from the queue, at most `limit` calls, and a fair share if `takers` workers
   * could take calls.
   */
  take(queue: CallSource, takers: number, limit: number): Batch {
    const size = this.#size === "adaptive" ? MAX_BATCH_SIZE : this.#size;
    const most = Math.min(size, MAX_BATCH_SIZE, limit, Math.ceil(queue.size / takers));
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
