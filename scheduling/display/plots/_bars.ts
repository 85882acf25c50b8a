/** The attempts of calls as bars in rows. @module */

import { mergeShort, type OpenRecord } from "../_monitor_history.ts";
import type { AttemptRecord, LossRecord, QueueRecord } from "../monitor_records.ts";

/** An attempt in a row. */
export interface Bar extends AttemptRecord {
  /** The index of its row. */
  readonly row: number;
}

/** Bars in rows. */
export interface Timeline {
  readonly bars: readonly Bar[];
  /** How many rows there are. */
  readonly rowCount: number;
  /** Whether a row is a worker; otherwise calls lie where there is room. */
  readonly isByWorker: boolean;
}

const MOST_BARS = 3000;
const MOST_ROWS = 128;

/** Lays out the attempts; those that are shorter than `resolution` milliseconds are merged. */
export function timeline(
  records: readonly QueueRecord[],
  calls: readonly AttemptRecord[],
  losses: readonly LossRecord[],
  resolution: number,
): Timeline {
  const isByWorker = calls.every(({ worker }) => worker !== undefined);
  const rows = isByWorker ? calls : inLanes(calls);
  const merged = fewEnough(rows, resolution);
  const numbers = [
    ...merged.map(({ worker = 1 }) => worker),
    ...losses.map(({ worker }) => worker),
  ];
  const most = numbers.reduce((a, b) => Math.max(a, b), isByWorker ? workerCountOf(records) : 1);
  const rowCount = Math.min(most, MOST_ROWS);
  const bars = merged.map((record) => ({ ...record, row: (record.worker ?? 1) - 1 }))
    .filter(({ row }) => row < rowCount);
  return { bars, rowCount, isByWorker };
}

function workerCountOf(records: readonly QueueRecord[]): number {
  return records.reduce((most, { running, idle }) => Math.max(most, running + idle), 1);
}

function fewEnough(calls: readonly AttemptRecord[], resolution: number): OpenRecord[] {
  let merged = mergeShort(calls, resolution, true);
  for (let wider = resolution; merged.length > MOST_BARS; wider *= 2) {
    const next = mergeShort(calls, 2 * wider, false);
    // More workers than bars: nothing is left to merge.
    if (next.length === merged.length && wider > (calls.at(-1)?.end ?? 0)) break;
    merged = next;
  }
  return merged;
}

/** Gives each attempt the first row that is free at its start. */
function inLanes(calls: readonly AttemptRecord[]): AttemptRecord[] {
  const ends: number[] = [];
  return calls.map((call) => {
    const free = ends.findIndex((end) => end <= call.start);
    const lane = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, call.end);
    return { ...call, worker: lane + 1 };
  });
}
