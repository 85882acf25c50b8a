/** Workers that start before there are calls for them, and idle ones that end. @module */

import { callAfter, now } from "../../scheduling/_base/time.ts";
import type { AvailableSlots } from "./available_slots.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** When workers start and end, though nothing is wrong with them. */
export interface HousekeepingSettings {
  /** How many calls a worker runs before it is replaced. */
  readonly maxCallsPerWorker: number;
  /** How many milliseconds a worker is idle before it ends. */
  readonly idleTimeout: number;
  /** How many workers stay, however long they are idle. */
  readonly minWorkers: number;
  /** How many workers start with a run. */
  readonly warmUp: number;
}

/** The pool, as its housekeeping sees it. */
export interface Housekept {
  /** How many workers there are. */
  readonly size: number;
  /** Ends an idle worker. */
  end(slot: WorkerSlot): void;
}

/** Ends the workers of a pool that have been idle for long. */
export class Housekeeping {
  readonly #settings: HousekeepingSettings;
  readonly #available: AvailableSlots;
  readonly #pool: Housekept;
  #stopTimer: (() => void) | undefined;

  constructor(settings: HousekeepingSettings, available: AvailableSlots, pool: Housekept) {
    this.#settings = settings;
    this.#available = available;
    this.#pool = pool;
  }

  /** How many workers start with a run. */
  get warmUp(): number {
    return this.#settings.warmUp;
  }

  /** Whether a worker that has ended is replaced before there is a call for another one. */
  get isShort(): boolean {
    return this.#pool.size < this.#settings.minWorkers;
  }

  /** Notes that a worker has become idle. */
  noteIdle(slot: WorkerSlot): void {
    if (this.#settings.idleTimeout === Infinity) return;
    slot.idleSince = now();
    this.#watch();
  }

  /** Stops watching. */
  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  // One timer for all, which is left alone when its worker gets a call: most of them do soon.
  #watch(): void {
    const slot = this.#surplus;
    if (slot === undefined || this.#stopTimer !== undefined) return;
    this.#stopTimer = callAfter(Math.max(0, this.#timeLeft(slot)), () => {
      this.#stopTimer = undefined;
      this.#endIdle();
      this.#watch();
    });
  }

  #endIdle(): void {
    for (let slot = this.#surplus; slot && this.#timeLeft(slot) <= 0; slot = this.#surplus) {
      this.#pool.end(slot);
    }
  }

  // The worker that is the next to end.
  get #surplus(): WorkerSlot | undefined {
    return this.#pool.size > this.#settings.minWorkers ? this.#available.longestIdle : undefined;
  }

  #timeLeft(slot: WorkerSlot): number {
    return slot.idleSince + this.#settings.idleTimeout - now();
  }
}
