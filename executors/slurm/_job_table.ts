/** The jobs of a fleet, as they were last listed. @module */

import type { Job, JobState } from "./job_system.ts";

/** A job that ends sooner after its start has failed, rather than reached its walltime. */
export const EARLY_MS = 60_000;

interface Row {
  readonly id: string;
  state: JobState;
  /** Since when it has been running; undefined if it waits. */
  runningSince: number | undefined;
  isDraining: boolean;
}

/** How many jobs do what. */
export interface JobCounts {
  readonly queued: number;
  readonly running: number;
  readonly ending: number;
}

/** Keeps what lists do not say: which jobs were asked to end, and since when they have been running. */
export class JobTable {
  readonly #rows = new Map<string, Row>();

  add(ids: readonly string[]): void {
    for (const id of ids) this.#open(id);
  }

  noteDraining(ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row !== undefined) row.isDraining = true;
    }
  }

  /** Takes over a list; returns how many jobs have ended early though nobody had asked them to. */
  update(jobs: readonly Job[], now: number): number {
    const listed = new Map(jobs.map(({ id, state }) => [id, state]));
    let early = 0;
    for (const row of this.#rows.values()) {
      const state = listed.get(row.id) ?? "ended";
      const hasEnded = state === "ended" || state === "ending";
      if (isActive(row) && hasEnded && now - (row.runningSince ?? now) < EARLY_MS) early++;
      if (state === "ended") this.#rows.delete(row.id);
    }
    for (const [id, state] of listed) {
      const row = this.#rows.get(id) ?? this.#open(id);
      row.state = state;
      if (state === "queued") row.runningSince = undefined;
      else row.runningSince ??= now;
    }
    return early;
  }

  /** How many jobs take calls, or will. */
  get activeCount(): number {
    return this.#active().length;
  }

  /** The jobs to end first: those that wait, then those that have been running for longest. */
  toDrain(count: number): string[] {
    const rank = ({ runningSince = -Infinity }: Row) => runningSince;
    return this.#active().sort((a, b) => rank(a) - rank(b)).slice(0, count).map(({ id }) => id);
  }

  counts(): JobCounts {
    const active = this.#active();
    const queued = active.filter(({ state }) => state === "queued").length;
    return { queued, running: active.length - queued, ending: this.#rows.size - active.length };
  }

  #active(): Row[] {
    return [...this.#rows.values()].filter(isActive);
  }

  #open(id: string): Row {
    const row: Row = { id, state: "queued", runningSince: undefined, isDraining: false };
    this.#rows.set(id, row);
    return row;
  }
}

function isActive({ state, isDraining }: Row): boolean {
  return state !== "ending" && !isDraining;
}
