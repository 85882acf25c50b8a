/** The futures that settled last, for statistics. @module */

import { describeArgs, describeError } from "../_describe.ts";
import { shortened } from "../_base/check.ts";
import { type Future, outcomeOf } from "../future.ts";
import type { RecentFuture } from "../statistics.ts";

const COUNT = 5;
const MAX_LENGTH = 1000;

/**
 * Remembers the last few futures that settled. It keeps none alive whose arguments or result are objects,
 * because these may be large.
 */
export class RecentFutures {
  // A ring: the oldest is replaced next.
  readonly #futures: (Future | Remembered)[] = [];
  #next = 0;

  /** `outcome` is its result or its error. */
  add(future: Future, outcome?: unknown): void {
    const isSmall = isSmallValue(outcome) && areSmall(future.args);
    this.#futures[this.#next] = isSmall ? future : new Remembered(future);
    this.#next = this.#next === COUNT - 1 ? 0 : this.#next + 1;
  }

  /** The futures in the order in which they settled. */
  statistics(): RecentFuture[] {
    const ordered = [...this.#futures.slice(this.#next), ...this.#futures.slice(0, this.#next)];
    return ordered.map((each) => each instanceof Remembered ? each.record : recordOf(each));
  }
}

class Remembered {
  readonly #record: RecentFuture;
  // Undefined once they are described.
  #args: readonly unknown[] | WeakRef<readonly unknown[]> | undefined;

  constructor(future: Future) {
    this.#record = recordOf(future, "…");
    this.#args = areSmall(future.args) ? future.args : new WeakRef(future.args);
  }

  get record(): RecentFuture {
    const args = this.#args instanceof WeakRef ? this.#args.deref() : this.#args;
    if (args === undefined) return this.#record;
    this.#args = undefined;
    return Object.assign(this.#record, { args: describeArgs(args) });
  }
}

function recordOf(future: Future, args: string = describeArgs(future.args)): RecentFuture {
  const { id, taskName: task, submittedAt, startedAt, settledAt = submittedAt } = future;
  return {
    id,
    task,
    args,
    ...stateOf(future),
    waitingTime: startedAt === undefined ? undefined : startedAt - submittedAt,
    runningTime: startedAt === undefined ? undefined : settledAt - startedAt,
  };
}

function stateOf(future: Future): Pick<RecentFuture, "state" | "error"> {
  if (future.cancelled) return { state: "cancelled" };
  const outcome = outcomeOf(future);
  if (outcome === undefined || "result" in outcome) return { state: "result" };
  return { state: "exception", error: shortened(describeError(outcome.exception)) };
}

function areSmall(values: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index++) {
    if (!isSmallValue(values[index])) return false;
  }
  return true;
}

function isSmallValue(value: unknown): boolean {
  switch (typeof value) {
    case "object":
      return value === null;
    case "string":
      return value.length <= MAX_LENGTH;
    case "bigint":
    case "function":
      return false;
    default:
      return true;
  }
}
