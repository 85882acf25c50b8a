/** The records of a QueueMonitor, in bounded memory. @module */

import type { AttemptRecord, LossRecord, QueueRecord } from "./monitor_records.ts";

// Of the records of one stretch of time, how many are kept at most.
const KEPT = 5;

const COLUMNS = [
  "time",
  "queueSize",
  "queued",
  "running",
  "idle",
  "finished",
  "failed",
  "cancelled",
] as const satisfies readonly (keyof QueueRecord)[];

/** What is kept of a record; its other members follow from these. */
export interface QueueState extends Omit<QueueRecord, "queued" | "idle"> {
  /** How many workers had started, and had not ended. */
  readonly ready: number;
}

type OpenState = { -readonly [K in keyof QueueState]: QueueState[K] };

/** Keeps at most `maxRecords` records; the older ones at a resolution that halves as time goes by. */
export class QueueHistory {
  readonly #maxRecords: number;
  #records: OpenState[] = [];
  // Milliseconds; the stretches of a larger resolution consist of those of the smaller one.
  #resolution = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** The records in the order of time. */
  get records(): QueueRecord[] {
    return this.#records.map(toRecord);
  }

  /** The latest state. */
  get last(): QueueState | undefined {
    return this.#records.at(-1);
  }

  /** Adds a state, which is not older than the others. */
  add(state: QueueState): void {
    if (this.#records.length >= this.#maxRecords) this.#thin();
    this.#records.push({ ...state });
  }

  /** Counts one more running call from a time on until before another, with a record of its start. */
  addRunning(from: number, to: number): void {
    if (to <= from) return;
    if (this.#records.length >= this.#maxRecords) this.#thin();
    const first = this.#changeRunning(from, to, 1);
    const before = this.#records[first - 1];
    if (before === undefined || this.#records[first]?.time === from) return;
    this.#records.splice(first, 0, { ...before, time: from, running: before.running + 1 });
  }

  /** Counts one running call less from a time on. */
  removeRunning(from: number): void {
    this.#changeRunning(from, Infinity, -1);
  }

  /** Returns the index of the first record that is not before `from`. */
  #changeRunning(from: number, to: number, change: number): number {
    let index = this.#records.length;
    for (; index > 0; index--) {
      const record = this.#records[index - 1] as OpenState;
      if (record.time < from) break;
      if (record.time < to) record.running += change;
    }
    return index;
  }

  #thin(): void {
    const enough = this.#maxRecords / 2;
    const span = this.last?.time ?? 0;
    this.#resolution = Math.max(this.#resolution, powerOfTwo(span / enough));
    let kept = thinned(this.#records, this.#resolution);
    while (kept.length > enough) {
      this.#resolution *= 2;
      kept = thinned(this.#records, this.#resolution);
    }
    this.#records = kept;
  }
}

function toRecord({ ready, running: all, ...state }: QueueState): QueueRecord {
  const { time, queueSize, finished, failed, cancelled } = state;
  const running = Math.min(all, queueSize);
  const [queued, idle] = [queueSize - running, Math.max(0, ready - running)];
  return { time, queueSize, queued, running, idle, finished, failed, cancelled };
}

/** The largest power of two up to a number of milliseconds, or 1 for none. */
function powerOfTwo(ms: number): number {
  return ms > 0 ? 2 ** Math.floor(Math.log2(ms)) : 1;
}

/** The first record, and of each stretch of time the extremes and the last one. */
function thinned(records: readonly OpenState[], resolution: number): OpenState[] {
  const kept: OpenState[] = records.slice(0, 1);
  for (let first = 1; first < records.length;) {
    const stretch = stretchOf(records, first, resolution);
    let end = first + 1;
    while (end < records.length && stretchOf(records, end, resolution) === stretch) end++;
    if (end - first <= KEPT) kept.push(...records.slice(first, end));
    else kept.push(...extremes(records, first, end).map((index) => records[index] as OpenState));
    first = end;
  }
  return kept;
}

function stretchOf(records: readonly OpenState[], index: number, resolution: number): number {
  return Math.floor((records[index] as OpenState).time / resolution);
}

/** The indices of the longest and the shortest queue, the most and the fewest running calls, and the end. */
function extremes(records: readonly OpenState[], first: number, end: number): number[] {
  let [longest, shortest, most, fewest] = [first, first, first, first];
  const at = (index: number) => records[index] as OpenState;
  for (let index = first; index < end; index++) {
    const { queueSize, running } = at(index);
    if (queueSize > at(longest).queueSize) longest = index;
    if (queueSize < at(shortest).queueSize) shortest = index;
    if (running > at(most).running) most = index;
    if (running < at(fewest).running) fewest = index;
  }
  return [...new Set([longest, shortest, most, fewest, end - 1])].sort((a, b) => a - b);
}

/** A header and a line for each record, with times to the microsecond. */
export function toCSV(records: readonly QueueRecord[]): string {
  const lines = records.map((record) => COLUMNS.map((column) => round(record[column])).join());
  return [COLUMNS.join(), ...lines].map((line) => `${line}\r\n`).join("");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A record whose end may be corrected, and which may take further calls. */
export type OpenRecord = { -readonly [K in keyof AttemptRecord]: AttemptRecord[K] };

/** Keeps at most `maxRecords` records, by merging short calls that are close to each other. */
export class AttemptHistory {
  #maxRecords: number;
  #records: OpenRecord[] = [];
  // The last call of each numbered worker.
  readonly #last = new Map<number, OpenRecord>();
  #resolution = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** The records in the order of their starts. */
  get records(): OpenRecord[] {
    return this.#records.map((record) => ({ ...record })).sort((a, b) => a.start - b.start);
  }

  /** Adds an attempt that has ended. */
  add(record: OpenRecord): void {
    if (this.#records.length >= this.#maxRecords) this.#merge(record.end);
    const { worker } = record;
    if (worker !== undefined) {
      endBefore(this.#last.get(worker), record.start);
      this.#last.set(worker, record);
    }
    this.#records.push(record);
  }

  #merge(span: number): void {
    const enough = this.#maxRecords / 2;
    this.#resolution = Math.max(this.#resolution, powerOfTwo(span / enough));
    let merged = mergeShort(this.#records, this.#resolution, true);
    while (merged.length > enough && this.#resolution <= span) {
      this.#resolution *= 2;
      merged = mergeShort(this.#records, this.#resolution, true);
    }
    // Too many tasks to keep them apart.
    if (merged.length > enough) merged = mergeShort(this.#records, this.#resolution, false);
    this.#records = merged;
    this.#last.clear();
    for (const record of merged) {
      if (record.worker !== undefined) this.#last.set(record.worker, record);
    }
    // An executor with thousands of workers has as many records.
    this.#maxRecords = Math.max(this.#maxRecords, 2 * merged.length);
  }
}

/** A worker runs one call at a time, but reports the ends of short ones together. */
export function endBefore(record: OpenRecord | undefined, start: number): void {
  if (record === undefined || record.end <= start) return;
  record.end = Math.max(record.start, start);
  record.runningTime = Math.min(record.runningTime, record.end - record.start);
}

/** Merges the calls of a worker that end alike within a stretch of time, and are shorter than it. */
export function mergeShort(
  records: readonly AttemptRecord[],
  resolution: number,
  byTask: boolean,
): OpenRecord[] {
  const stretches = new Map<number | undefined, Stretch>();
  const merged: OpenRecord[] = [];
  for (const record of records) {
    if (record.end - record.start >= resolution) {
      merged.push({ ...record });
      continue;
    }
    const index = Math.floor(record.end / resolution);
    let stretch = stretches.get(record.worker);
    if (stretch?.index !== index) stretches.set(record.worker, stretch = { index, records: [] });
    const similar = stretch.records.find(({ outcome, task }) =>
      outcome === record.outcome && (!byTask || task === record.task)
    );
    if (similar === undefined) {
      const copy = { ...record };
      stretch.records.push(copy);
      merged.push(copy);
    } else extend(similar, record);
  }
  return merged;
}

/** What ended at one worker in a stretch of time. */
interface Stretch {
  readonly index: number;
  readonly records: OpenRecord[];
}

function extend(record: OpenRecord, next: AttemptRecord): void {
  if (record.task !== next.task) record.task = undefined;
  record.start = Math.min(record.start, next.start);
  record.end = Math.max(record.end, next.end);
  record.count += next.count;
  record.runningTime += next.runningTime;
}

/** Keeps at most `maxRecords` records, by merging those of a worker that are close to each other. */
export class LossHistory {
  readonly #maxRecords: number;
  #records: LossRecord[] = [];

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** The records in the order of time. */
  get records(): LossRecord[] {
    return [...this.#records];
  }

  add(record: LossRecord): void {
    if (this.#records.length >= this.#maxRecords) this.#records = pairsMerged(this.#records);
    this.#records.push(record);
  }
}

/** Half of the records of each worker: every second one, which stands for the one before as well. */
function pairsMerged(records: readonly LossRecord[]): LossRecord[] {
  const single = new Map<number, LossRecord>();
  const merged: LossRecord[] = [];
  for (const record of records) {
    const before = single.get(record.worker);
    if (before === undefined) single.set(record.worker, record);
    else {
      single.delete(record.worker);
      merged.push({ ...record, count: before.count + record.count });
    }
  }
  return [...merged, ...single.values()].sort((a, b) => a.time - b.time);
}
