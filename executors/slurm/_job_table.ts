/** The jobs of a fleet, as they were last listed. @module */

import type { Job, JobState } from "./job_system.ts";

/** A job that ends sooner after its start has failed, rather than reached its walltime. */
const EARLY_MS = 60_000;

const NOT_STARTED = { runningSince: undefined, hasLasted: false };

interface Row {
  readonly id: string;
  state: JobState;
  /** Since when it has been running; undefined if it waits. */
  runningSince: number | undefined;
  /** Whether it was asked to take no more calls, and whether the system has accepted that. */
  drain: "none" | "asked" | "accepted";
  hasLasted: boolean;
}

/** What a list says of the jobs of the list before it. */
export interface JobChanges {
  /** How many have ended early though nobody had asked them to. */
  readonly early: number;
  /** How many have by now been running for too long to end early. */
  readonly lasting: number;
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

  noteDrain(ids: readonly string[], drain: "asked" | "accepted"): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row !== undefined) row.drain = drain;
    }
  }

  /** Takes over a list. */
  update(jobs: readonly Job[], now: number): JobChanges {
    const listed = new Map(jobs.map(({ id, state }) => [id, state]));
    const lasting = this.#noteLasting(now);
    let early = 0;
    for (const row of this.#rows.values()) {
      const state = listed.get(row.id) ?? "ended";
      const hasEnded = state === "ended" || state === "ending";
      if (hasEnded && row.state !== "ending" && row.drain === "none" && !row.hasLasted) early++;
      if (state === "ended") this.#rows.delete(row.id);
    }
    for (const [id, state] of listed) {
      const row = this.#rows.get(id) ?? this.#open(id);
      row.state = state;
      if (state === "queued") Object.assign(row, NOT_STARTED);
      else row.runningSince ??= now;
    }
    return { early, lasting };
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

  #noteLasting(now: number): number {
    const rows = [...this.#rows.values()].filter(({ state, hasLasted, runningSince = now }) =>
      // A job that has failed may be ending for long.
      state === "running" && !hasLasted && now - runningSince >= EARLY_MS
    );
    for (const row of rows) row.hasLasted = true;
    return rows.length;
  }

  #active(): Row[] {
    return [...this.#rows.values()].filter(isActive);
  }

  #open(id: string): Row {
    const row: Row = { id, state: "queued", ...NOT_STARTED, drain: "none" };
    this.#rows.set(id, row);
    return row;
  }
}

function isActive({ state, drain }: Row): boolean {
  return state !== "ending" && drain !== "accepted";
}
