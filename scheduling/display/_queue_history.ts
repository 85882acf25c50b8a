/** The records of a queue, in bounded memory. @module */

import type { QueueRecord } from "./monitor_records.ts";

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

/** Keeps at most `maxRecords` records; the older ones at a resolution that halves as time goes by. */
export class QueueHistory {
  readonly #maxRecords: number;
  #records: QueueRecord[] = [];
  // Milliseconds; the stretches of a larger resolution consist of those of the smaller one.
  #resolution = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** The records in the order of time. */
  get records(): readonly QueueRecord[] {
    return this.#records;
  }

  /** The latest record. */
  get last(): QueueRecord | undefined {
    return this.#records.at(-1);
  }

  /** Adds a record, which is not older than the others. */
  add(record: QueueRecord): void {
    if (this.#records.length >= this.#maxRecords) this.#thin();
    this.#records.push(record);
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

/** The largest power of two up to a number of milliseconds, or 1 for none. */
export function powerOfTwo(ms: number): number {
  return ms > 0 ? 2 ** Math.floor(Math.log2(ms)) : 1;
}

/** The first record, and of each stretch of time the extremes and the last one. */
function thinned(records: readonly QueueRecord[], resolution: number): QueueRecord[] {
  const kept: QueueRecord[] = records.slice(0, 1);
  for (let first = 1; first < records.length;) {
    const stretch = stretchOf(records, first, resolution);
    let end = first + 1;
    while (end < records.length && stretchOf(records, end, resolution) === stretch) end++;
    if (end - first <= KEPT) kept.push(...records.slice(first, end));
    else kept.push(...extremes(records, first, end).map((index) => records[index] as QueueRecord));
    first = end;
  }
  return kept;
}

function stretchOf(records: readonly QueueRecord[], index: number, resolution: number): number {
  return Math.floor((records[index] as QueueRecord).time / resolution);
}

/** The indices of the longest and the shortest queue, the most and the fewest running calls, and the end. */
function extremes(records: readonly QueueRecord[], first: number, end: number): number[] {
  let [longest, shortest, most, fewest] = [first, first, first, first];
  const at = (index: number) => records[index] as QueueRecord;
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
