/** What is written down of every future: each event of its end, and what it came to. @module */

import type { AnyTask, Future, Scheduler } from "@amltk/scheduling";
import type { Kind } from "./kinds.ts";
import { nameOf, type Outcome } from "./outcome.ts";
import type { Planned } from "./plan.ts";

/** A future with all that was told of its end. */
interface Entry {
  readonly planned: Planned;
  readonly future: Future;
  readonly outcomes: Outcome[];
  /** How often `done` was told; of a future that was cancelled it is not. */
  dones: number;
  /** How often its task told the end. */
  toldByTask: number;
  /** How often it has settled as a promise. */
  awaited: number;
}

/** The result of the bookkeeping. */
export interface Counts {
  readonly submitted: number;
  /** By kind of outcome, the most frequent first. */
  readonly settled: Readonly<Record<string, number>>;
  /** Which have not settled. */
  readonly lost: readonly string[];
  /** Which were told of more than once. */
  readonly duplicated: readonly string[];
  /** Which came to what their kind may not come to. */
  readonly wrong: readonly string[];
}

/** The bookkeeping of one run. It trusts no counter of the scheduler's, and none of its queues. */
export class Ledger {
  readonly #entries = new Map<Future, Entry>();
  readonly #strangers: string[] = [];

  /** Listens to the scheduler and to a task. */
  constructor(scheduler: Scheduler, tasks: Iterable<AnyTask>) {
    scheduler.onFutureResult((future, value) => this.#settled(future, { type: "result", value }));
    scheduler.onFutureException((future, error) =>
      this.#settled(future, { type: "exception", error })
    );
    scheduler.onFutureCancelled((future) => this.#settled(future, { type: "cancelled" }));
    scheduler.onFutureDone((future) => this.#count(future, "dones"));
    for (const task of tasks) {
      const told = (future: Future) => this.#count(future, "toldByTask");
      task.on("result", told);
      task.on("exception", told);
      task.on("cancelled", told);
    }
  }

  /** Opens the entry of a future; call it in the callback of `submitted`, before all other events. */
  open(future: Future, planned: Planned): void {
    this.#entries.set(future, {
      planned,
      future,
      outcomes: [],
      dones: 0,
      toldByTask: 0,
      awaited: 0,
    });
    const settle = () => this.#count(future, "awaited");
    future.then(settle, settle);
  }

  /** What it all came to. */
  count(): Counts {
    const settled: Record<string, number> = {};
    for (const { outcomes } of this.#entries.values()) {
      for (const outcome of outcomes) {
        settled[nameOf(outcome)] = (settled[nameOf(outcome)] ?? 0) + 1;
      }
    }
    const byFrequency = Object.entries(settled).sort(([, one], [, other]) => other - one);
    return {
      submitted: this.#entries.size,
      settled: Object.fromEntries(byFrequency),
      lost: this.#which(isLost),
      duplicated: [...this.#which(isDuplicated), ...this.#strangers],
      wrong: this.#which(isWrong),
    };
  }

  #which(is: (entry: Entry) => boolean): string[] {
    return [...this.#entries.values()].filter(is).map(describe);
  }

  #settled(future: Future, outcome: Outcome): void {
    const entry = this.#entries.get(future);
    if (entry === undefined) this.#strangers.push(`future ${future.id} (never submitted)`);
    else entry.outcomes.push(outcome);
  }

  #count(future: Future, what: "dones" | "toldByTask" | "awaited"): void {
    const entry = this.#entries.get(future);
    if (entry !== undefined) entry[what]++;
  }
}

function expectedDones({ outcomes }: Entry): number {
  return outcomes.filter(({ type }) => type !== "cancelled").length;
}

function isLost(entry: Entry): boolean {
  return entry.outcomes.length === 0 || entry.toldByTask === 0 || entry.awaited === 0;
}

function isDuplicated(entry: Entry): boolean {
  return entry.outcomes.length > 1 || entry.toldByTask > 1 || entry.awaited > 1 ||
    entry.dones > expectedDones(entry);
}

function isWrong(entry: Entry): boolean {
  const { outcomes, planned: { kind, n }, dones } = entry;
  return dones < expectedDones(entry) || outcomes.some((outcome) => !expects(kind, outcome, n));
}

function expects(kind: Kind, outcome: Outcome, n: number): boolean {
  return kind.expected(outcome, n);
}

function describe({ planned, future, outcomes }: Entry): string {
  const came = outcomes.map((outcome) =>
    outcome.type === "exception" ? `${nameOf(outcome)}: ${messageOf(outcome.error)}` : outcome.type
  );
  return `task ${planned.n} (${planned.kind.name}): ${[future.state, ...came].join(", ")}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
