/** Which calls run at which worker, as far as that is known. @module */

import type { RunningCall } from "../executor.ts";
import type { QueueHistory } from "./_monitor_history.ts";
import type { AttemptRecord } from "./monitor_records.ts";

/** A call that was seen running and has not settled. */
export interface SeenCall {
  readonly task: string;
  readonly future: number;
  readonly worker: number;
  readonly start: number;
  /** When the next call of the worker started; undefined if none was seen. */
  readonly end: number | undefined;
}

/** A worker runs one call at a time, so each of them ends when the next one starts at the latest. */
interface Lane {
  /** The calls that were seen running and have not settled, in the order of their starts. */
  readonly seen: RunningCall[];
  /** When the last settled call started. */
  lastStart: number;
  /** When the last settled call ended. */
  end: number;
}

/**
 * Counts running calls in the records. The start of a call becomes known later than the call starts; then
 * the records since its start are corrected.
 */
export class RunningCalls {
  readonly #queue: QueueHistory;
  // By the number of the worker.
  readonly #lanes = new Map<number, Lane>();
  #count = 0;

  constructor(queue: QueueHistory) {
    this.#queue = queue;
  }

  /** How many calls run. */
  get count(): number {
    return this.#count;
  }

  /** The calls that were seen running and have not settled. */
  get calls(): SeenCall[] {
    return [...this.#lanes].flatMap(([worker, { seen }]) =>
      seen.map(({ task, future, startedAt: start }, index) => {
        return { task, future, worker, start, end: seen[index + 1]?.startedAt };
      })
    );
  }

  /** A worker was seen running a call, which started at a time of the records. */
  saw(worker: number, call: RunningCall): void {
    const { seen, lastStart, end } = this.#laneOf(worker);
    const { future, startedAt: start } = call;
    // The executor may still show an attempt that has ended.
    if (start <= lastStart || seen.some((each) => each.future === future)) return;
    seen.push(call);
    // It follows one that has ended, though that is not reported yet.
    if (seen.length > 1) return;
    this.#count++;
    this.#queue.addRunning(Math.max(start, end), Infinity);
  }

  /** An attempt has ended. */
  ended({ worker, future, start, end }: AttemptRecord): void {
    if (worker === undefined) return this.#queue.addRunning(start, end);
    const lane = this.#laneOf(worker);
    lane.lastStart = Math.max(lane.lastStart, start);
    const index = lane.seen.findIndex((call) => call.future === future);
    if (index >= 0) this.#endSeen(lane, index, end);
    else {
      const until = lane.seen.find(({ startedAt }) => startedAt >= start)?.startedAt ?? end;
      this.#queue.addRunning(Math.max(start, lane.end), until);
      lane.end = Math.max(lane.end, until);
    }
  }

  #endSeen(lane: Lane, index: number, end: number): void {
    lane.seen.splice(index, 1);
    const next = lane.seen[index]?.startedAt;
    lane.end = Math.max(lane.end, next ?? end);
    if (lane.seen.length > 0) return;
    this.#count--;
    this.#queue.removeRunning(end);
  }

  #laneOf(worker: number): Lane {
    let lane = this.#lanes.get(worker);
    if (lane === undefined) {
      this.#lanes.set(worker, lane = { seen: [], lastStart: -Infinity, end: -Infinity });
    }
    return lane;
  }
}
