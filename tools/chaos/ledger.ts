/** A record of every future: the events of its settlement, and its outcome. @module */

import type { AnyTask, Future, Scheduler } from "@amltk/scheduling";
import type { Kind } from "./kinds.ts";
import { nameOf, type Outcome } from "./outcome.ts";
import type { Planned } from "./plan.ts";

/** A future with everything observed of its settlement. */
interface Entry {
  readonly planned: Planned;
  readonly future: Future;
  readonly outcomes: Outcome[];
  /** The number of `done` events; a cancelled future has none. */
  dones: number;
  /** The number of events of its task: `result`, `exception` or `cancelled`. */
  taskEvents: number;
  /** How often its promise settled. */
  awaited: number;
  /** The number of `retry` events. */
  retries: number;
  /** How many messages have come in their order; not a number when one came at a wrong place. */
  messages: number;
}

/** The counts of a run. */
export interface Counts {
  readonly submitted: number;
  /** The number of each outcome, the most frequent first. */
  readonly settled: Readonly<Record<string, number>>;
  /** The tasks that did not settle everywhere: scheduler, task and promise. */
  readonly lost: readonly string[];
  /** The tasks that settled more than once. */
  readonly duplicated: readonly string[];
  /** The tasks with an outcome that their kind does not allow. */
  readonly wrong: readonly string[];
}

/** The records of one run. It does not trust the counters or the queues of the scheduler. */
export class Ledger {
  readonly #entries = new Map<Future, Entry>();
  readonly #strangers: string[] = [];

  /** Subscribes to the events of the scheduler and its tasks. */
  constructor(scheduler: Scheduler, tasks: Iterable<AnyTask>) {
    scheduler.onFutureResult((future, value) => this.#settled(future, { type: "result", value }));
    scheduler.onFutureException((future, error) =>
      this.#settled(future, { type: "exception", error })
    );
    scheduler.onFutureCancelled((future) => this.#settled(future, { type: "cancelled" }));
    scheduler.onFutureDone((future) => this.#count(future, "dones"));
    for (const task of tasks) {
      const count = (future: Future) => this.#count(future, "taskEvents");
      task.on("result", count);
      task.on("exception", count);
      task.on("cancelled", count);
      if ("retry" in task.eventCounts) {
        task.on("retry", (future: Future) => this.#count(future, "retries"));
      }
      if ("comm-message" in task.eventCounts) {
        task.on("comm-message", (future: Future, place: number) => this.#heard(future, place));
      }
    }
  }

  /**
   * Starts the record of a future. Call this in a callback of `submitted`, before all other events.
   */
  open(future: Future, planned: Planned): void {
    this.#entries.set(future, {
      planned,
      future,
      outcomes: [],
      dones: 0,
      taskEvents: 0,
      awaited: 0,
      retries: 0,
      messages: 0,
    });
    const settle = () => this.#count(future, "awaited");
    future.then(settle, settle);
  }

  /** Counts the outcomes. */
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

  #heard(future: Future, place: number): void {
    const entry = this.#entries.get(future);
    if (entry !== undefined) entry.messages = entry.messages === place ? place + 1 : NaN;
  }

  #count(future: Future, what: "dones" | "taskEvents" | "awaited" | "retries"): void {
    const entry = this.#entries.get(future);
    if (entry !== undefined) entry[what]++;
  }
}

function expectedDones({ outcomes }: Entry): number {
  return outcomes.filter(({ type }) => type !== "cancelled").length;
}

function isLost(entry: Entry): boolean {
  return entry.outcomes.length === 0 || entry.taskEvents === 0 || entry.awaited === 0;
}

function isDuplicated(entry: Entry): boolean {
  return entry.outcomes.length > 1 || entry.taskEvents > 1 || entry.awaited > 1 ||
    entry.dones > expectedDones(entry);
}

function isWrong(entry: Entry): boolean {
  const { outcomes, planned: { kind, n }, dones } = entry;
  return dones < expectedDones(entry) || retriesAreWrong(entry) || messagesAreWrong(entry) ||
    outcomes.some((outcome) => !expects(kind, outcome, n));
}

function retriesAreWrong({ planned: { kind, n }, outcomes, retries }: Entry): boolean {
  // A lost worker is an attempt more.
  if (kind.isDisturbed) return retries >= (kind.retried?.options.maxAttempts ?? 1);
  const expected = kind.retried?.retries(n) ?? 0;
  // A cancelled future may have had fewer.
  return outcomes.some(({ type }) => type === "cancelled")
    ? retries > expected
    : retries !== expected;
}

function messagesAreWrong({ planned: { kind, n }, outcomes, messages }: Entry): boolean {
  const expected = kind.talking?.messages(n) ?? 0;
  const mayBeFewer = ({ type }: Outcome) =>
    type === "cancelled" || (kind.isDisturbed && type === "exception");
  // A cancelled future may have had fewer. Not a number is neither.
  return outcomes.some(mayBeFewer) ? !(messages <= expected) : messages !== expected;
}

function expects(kind: Kind, outcome: Outcome, n: number): boolean {
  return kind.expected(outcome, n);
}

function describe({ planned, future, outcomes }: Entry): string {
  const texts = outcomes.map((outcome) =>
    outcome.type === "exception" ? `${nameOf(outcome)}: ${messageOf(outcome.error)}` : outcome.type
  );
  return `task ${planned.n} (${planned.kind.name}): ${[future.state, ...texts].join(", ")}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
