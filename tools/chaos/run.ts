/** One run: all planned tasks on one executor. @module */

import { delay } from "@std/async/delay";
import { type ExitState, Scheduler } from "@amltk/scheduling";
import { Cancellations } from "./cancellations.ts";
import type { ExecutorName, Kind } from "./kinds.ts";
import { type Counts, Ledger } from "./ledger.ts";
import { plan, type Planned } from "./plan.ts";
import { remains } from "../remains.ts";

const GRACE_TRIES = 200;

/** What to run. */
export interface ChaosOptions {
  readonly executor: ExecutorName;
  readonly kinds: readonly Kind[];
  readonly tasks: number;
  readonly seed: number;
  /** Milliseconds within which the run must have returned. */
  readonly deadline: number;
}

/** What came of a run. */
export interface ChaosReport extends Counts {
  readonly executor: ExecutorName;
  readonly seed: number;
  readonly seconds: number;
  /** How the run ended; undefined when it did not within its deadline. */
  readonly exit: ExitState | undefined;
  /** Settles when the run ends, be it after its deadline. */
  readonly run: Promise<ExitState>;
  /** The workers that have outlived the run. */
  readonly left: readonly string[];
}

const WORKERS = 2;
// How many futures are unsettled at most, after the part that is submitted at once.
const WINDOW = 32;
// The share of the tasks that is submitted at once.
const BURST = 0.2;

const makers: Readonly<Record<ExecutorName, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(WORKERS),
  processes: () => Scheduler.withProcesses(WORKERS),
};

/** Runs the tasks and counts what becomes of each. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { executor, kinds, tasks, seed, deadline } = options;
  const begin = performance.now();
  const scheduler = makers[executor]();
  const ledger = submitAll(scheduler, plan(seed, tasks, kinds));
  const run = scheduler.run({ onException: "ignore" });
  const exit = await within(run, deadline);
  const seconds = (performance.now() - begin) / 1000;
  // Of a run that goes on, workers are no remains.
  const left = exit === undefined ? [] : await leftBehind();
  return { executor, seed, seconds, exit, run, left, ...ledger.count() };
}

// A worker that was told to end while it started takes a moment.
async function leftBehind(): Promise<string[]> {
  for (let tries = 0; tries < GRACE_TRIES && (await remains()).length > 0; tries++) await delay(10);
  return await remains();
}

/** Whether the run was as it must be. */
export function isGood({ exit, left, lost, duplicated, wrong }: ChaosReport): boolean {
  const ended = exit?.code === "exhausted" && exit.runaways === 0;
  return ended && [left, lost, duplicated, wrong].every(({ length }) => length === 0);
}

/** Submits a part at once, the rest from callbacks, one for each that has settled. */
function submitAll(scheduler: Scheduler, planned: readonly Planned[]): Ledger {
  const tasks = new Map<Kind, ReturnType<typeof taskOf>>();
  for (const { kind } of planned) if (!tasks.has(kind)) tasks.set(kind, taskOf(scheduler, kind));
  const ledger = new Ledger(scheduler, [...tasks.values()]);
  const cancellations = new Cancellations(scheduler);
  const coming = planned.values();
  let current: Planned | undefined;
  let unsettled = 0;

  const submit = (next: Planned) => {
    const { signal, submitted } = cancellations.prepare(next.kind.cancellation, next.milliseconds);
    current = next;
    const future = tasks.get(next.kind)?.with({ signal }).submit(next.n, next.kind.extra);
    if (future !== undefined) submitted(future);
  };
  const submitUpTo = (most: number) => {
    while (unsettled < most) {
      const { value: next } = coming.next();
      if (next === undefined) return;
      unsettled++;
      submit(next);
    }
  };
  const goOn = () => {
    unsettled--;
    submitUpTo(WINDOW);
  };
  scheduler.onStart(() => submitUpTo(Math.max(WINDOW, planned.length * BURST)));
  // Here, for the events of an aborted future's end are emitted before submit() returns.
  scheduler.onFutureSubmitted((future) => {
    if (current !== undefined) ledger.open(future, current);
    current = undefined;
  });
  scheduler.onFutureDone(goOn);
  scheduler.onFutureCancelled(goOn);
  return ledger;
}

function taskOf(scheduler: Scheduler, { run, name }: Kind) {
  return scheduler.task(run, { name });
}

async function within(
  run: Promise<ExitState>,
  milliseconds: number,
): Promise<ExitState | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  try {
    return await Promise.race([run, promise]);
  } finally {
    clearTimeout(timer);
  }
}
