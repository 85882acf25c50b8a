/** How many jobs a fleet should have. @module */

/** The bounds of a fleet. */
export interface SizingSettings {
  readonly min: number;
  readonly max: number;
  readonly callsPerJob: number;
  /** How long there must be too many jobs before some are ended, in milliseconds. */
  readonly shrinkAfter: number;
}

/** Grows at once. Shrinks to the most that was needed of late, because a pause between two rounds is short. */
export class Sizing {
  readonly #settings: SizingSettings;
  /** Since when there have been too many jobs, and how many of them were needed meanwhile. */
  #surplus: { readonly since: number; readonly needed: number } | undefined;

  constructor(settings: SizingSettings) {
    this.#settings = settings;
  }

  /** How many jobs so many unsettled calls need. */
  wanted(calls: number): number {
    const { min, max, callsPerJob } = this.#settings;
    return Math.min(max, Math.max(min, Math.ceil(calls / callsPerJob)));
  }

  /** How many jobs to add to the active ones; how many to end if it is negative. */
  change(active: number, wanted: number, now: number): number {
    const { max, shrinkAfter } = this.#settings;
    if (active <= wanted || active > max) {
      this.#surplus = undefined;
      return Math.min(max, Math.max(wanted, active)) - active;
    }
    const { since, needed } = this.#surplus ?? { since: now, needed: wanted };
    const most = Math.min(active, Math.max(needed, wanted));
    const isDue = now - since >= shrinkAfter;
    // It stays due until the jobs count no more, because the request to end them may fail.
    const hasShrunk = isDue && most === active;
    this.#surplus = hasShrunk ? { since: now, needed: wanted } : { since, needed: most };
    return isDue ? most - active : 0;
  }
}
