/** What the workers of a pool do and have done, for statistics. @module */

import type { WorkerStatistics } from "../../scheduling/executor.ts";

/** A worker, as its record sees it. */
export interface RecordedWorker extends Pick<WorkerStatistics, "number" | "state" | "call"> {
  /** How many calls it has run. */
  readonly callsDone: number;
}

/** The workers that have had one number, one after the other. */
interface Place {
  worker: RecordedWorker | undefined;
  /** The calls of those that have ended. */
  callsDone: number;
  starts: number;
  losses: number;
}

/** A record for each worker of a pool and those that it replaces, over all runs. */
export class WorkerRecords {
  readonly #places: Place[] = [];

  /** The lowest number that no worker has, for the next one. */
  get freeNumber(): number {
    const free = this.#places.findIndex((place) => place.worker === undefined);
    return (free < 0 ? this.#places.length : free) + 1;
  }

  /** Notes that a worker was started. */
  started(worker: RecordedWorker): void {
    const place = this.#places[worker.number - 1] ?? this.#addPlace();
    place.worker = worker;
    place.starts++;
  }

  /** Notes that a worker has ended, or is about to; `lost` if nobody asked it to. */
  ended(worker: RecordedWorker, lost: boolean): void {
    const place = this.#places[worker.number - 1];
    if (place?.worker !== worker) return;
    place.worker = undefined;
    place.callsDone += worker.callsDone;
    if (lost) place.losses++;
  }

  /** A record for each. */
  statistics(): WorkerStatistics[] {
    return this.#places.map(({ worker, callsDone, starts, losses }, index) => ({
      number: index + 1,
      state: worker?.state ?? "ended",
      call: worker?.call,
      callsDone: callsDone + (worker?.callsDone ?? 0),
      starts,
      losses,
    }));
  }

  #addPlace(): Place {
    const place: Place = { worker: undefined, callsDone: 0, starts: 0, losses: 0 };
    this.#places.push(place);
    return place;
  }
}
