/** The queue over time, as few enough points for a picture. @module */

import type { QueueRecord } from "../monitor_records.ts";

/** How many calls and idle workers there were from a time on. */
export interface QueuePoint {
  readonly time: number;
  readonly running: number;
  readonly queued: number;
  readonly idle: number;
  /** How long the queue was at most. */
  readonly peak: number;
}

type Stretch = { -readonly [K in keyof Omit<QueuePoint, "time">]: number };

// Of a step.
const LEAST_SHARE = 1e-6;

/** Means over stretches of `step` milliseconds, which last until the next point. */
export function queueSeries(
  records: readonly QueueRecord[],
  to: number,
  step: number,
): QueuePoint[] {
  if (records.length === 0) return [];
  const points = stretchesOf(records, to, step)
    .map((stretch, index) => ({ time: index * step, ...stretch }));
  const last = points.at(-1);
  return last === undefined ? [] : [...withoutRepeats(points), { ...last, time: to }];
}

function stretchesOf(records: readonly QueueRecord[], to: number, step: number): Stretch[] {
  const stretches = Array.from(
    { length: stretchCount(to, step) },
    (): Stretch => ({ running: 0, queued: 0, idle: 0, peak: 0 }),
  );
  const last = stretches.length - 1;
  records.forEach((record, index) => {
    const until = records[index + 1]?.time ?? to;
    const first = Math.min(last, Math.floor(record.time / step));
    // A state that ends where a stretch begins is not in it.
    const end = Math.min(last, Math.max(first, Math.ceil(until / step) - 1));
    for (let at = first; at <= end; at++) {
      const begin = at * step;
      const finish = at === last ? to : begin + step;
      const lasted = Math.min(until, finish) - Math.max(record.time, begin);
      add(stretches[at] as Stretch, record, Math.max(0, lasted / (finish - begin)));
    }
  });
  return stretches;
}

/** The last stretch is not shorter than rounding errors, or it would have no mean. */
function stretchCount(to: number, step: number): number {
  return Math.max(1, Math.ceil(to / step - LEAST_SHARE));
}

function add(
  stretch: Stretch,
  { running, queued, idle, queueSize }: QueueRecord,
  share: number,
): void {
  stretch.running += running * share;
  stretch.queued += queued * share;
  stretch.idle += idle * share;
  stretch.peak = Math.max(stretch.peak, queueSize);
}

function withoutRepeats(points: readonly QueuePoint[]): QueuePoint[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    return before === undefined || before.running !== point.running ||
      before.queued !== point.queued || before.idle !== point.idle ||
      before.peak !== point.peak;
  });
}
