/** The time axis that the charts share. @module */

import type { AttemptRecord, LossRecord, QueueRecord } from "../monitor_records.ts";

/** From when to when, in milliseconds since the first record, and how it is written. */
export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  /** Milliseconds in a unit. */
  readonly unit: number;
  readonly label: string;
}

const UNITS: readonly (readonly [atLeast: number, unit: number, name: string])[] = [
  [6 * 3_600_000, 3_600_000, "h"],
  [5 * 60_000, 60_000, "min"],
  [2000, 1000, "s"],
  [0, 1, "ms"],
];

/** An axis that covers all records. */
export function timeAxis(
  records: readonly QueueRecord[],
  calls: readonly AttemptRecord[],
  losses: readonly LossRecord[],
): TimeAxis {
  const starts = calls.map(({ start }) => start);
  const ends = [...calls.map(({ end }) => end), ...losses.map(({ time }) => time)];
  const from = starts.reduce((a, b) => Math.min(a, b), 0);
  const last = ends.reduce((a, b) => Math.max(a, b), records.at(-1)?.time ?? 0);
  // A picture of a single moment has an axis, too.
  const to = last > 0 ? last : 1;
  const [, unit, name] = UNITS.find(([atLeast]) => to - from >= atLeast) ?? [0, 1, "ms"];
  return { from, to, unit, label: `time (${name})` };
}
