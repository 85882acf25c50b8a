/** What the workers of an executor run and which were lost, looked at again and again. @module */

import type { Executor, WorkerStatistics } from "../executor.ts";
import type { LossRecord } from "./monitor_records.ts";

/** Knows the workers of one executor as they were when it last looked. */
export class WorkerWatch {
  readonly #executor: Executor;
  /** What the workers do; undefined if the executor does not report it. */
  workers: readonly WorkerStatistics[] | undefined;
  /** How many calls run. */
  running = 0;
  /** When the latest running call started, on the clock of `performance.now()`. */
  latestStart: number = -Infinity;
  // By the number of the worker.
  readonly #losses: number[] = [];

  constructor(executor: Executor) {
    this.#executor = executor;
    this.look();
  }

  /** When the running calls started, on the clock of `performance.now()`. */
  get starts(): number[] {
    return (this.workers ?? []).flatMap(({ call }) => call === undefined ? [] : [call.startedAt]);
  }

  /** Looks at the workers; returns how many were lost since, by the number of the worker. */
  look(): Map<number, number> | undefined {
    this.workers = this.#ask();
    this.running = 0;
    this.latestStart = -Infinity;
    let lost: Map<number, number> | undefined;
    for (const { number, call, losses } of this.workers ?? []) {
      if (call !== undefined) {
        this.running++;
        this.latestStart = Math.max(this.latestStart, call.startedAt);
      }
      const before = this.#losses[number] ?? 0;
      if (losses > before) (lost ??= new Map()).set(number, losses - before);
      this.#losses[number] = losses;
    }
    return lost;
  }

  // What a user's executor throws is no error of the run that is watched.
  #ask(): readonly WorkerStatistics[] | undefined {
    try {
      return this.#executor.workers?.();
    } catch {
      return undefined;
    }
  }
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
