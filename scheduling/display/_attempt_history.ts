/** The attempts of calls, in bounded memory. @module */

import type { AttemptRecord } from "./monitor_records.ts";
import { powerOfTwo } from "./_queue_history.ts";

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
  get records(): AttemptRecord[] {
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

// A worker runs one call at a time, but reports the ends of short ones together.
function endBefore(record: OpenRecord | undefined, start: number): void {
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
