/** The losses of workers, in bounded memory. @module */

import type { LossRecord } from "./monitor_records.ts";

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
