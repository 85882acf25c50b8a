/** One run: all planned tasks on one executor. @module */

import {
  type AnyPlugin,
  type AnyTask,
  Comm,
  type ExitState,
  Journal,
  Retry,
  Scheduler,
  type WebWorkerExecutorOptions,
} from "@amltk/scheduling";
import { Cancellations } from "./cancellations.ts";
import { journalKey } from "./journaled.ts";
import type { ExecutorName, Kind } from "./kinds.ts";
import { type Counts, Ledger } from "./ledger.ts";
import { plan, type Planned } from "./plan.ts";
import { answer } from "./talking.ts";
import { leftBehind } from "../remains.ts";

type BatchSize = WebWorkerExecutorOptions["batch"];

/** The options of a run. */
export interface ChaosOptions {
  readonly executor: ExecutorName;
  readonly kinds: readonly Kind[];
  /** Makes the scheduler, for an executor that is not one of this machine. */
  readonly make?: () => Scheduler;
  /** The size of batches. */
  readonly batch: BatchSize;
  readonly tasks: number;
  readonly seed: number;
  /** Milliseconds within which the run must end. */
  readonly deadline: number;
}

/** The report of a run. */
export interface ChaosReport extends Counts {
  readonly executor: ExecutorName;
  readonly seed: number;
  readonly seconds: number;
  /** How the run ended; undefined if it missed its deadline. */
  readonly exit: ExitState | undefined;
  /** Settles when the run ends, even if after its deadline. */
  readonly run: Promise<ExitState>;
  /** The workers that outlived the run. */
  readonly left: readonly string[];
}

const WORKERS = 2;
// The maximum number of unsettled futures after the first burst.
const WINDOW = 32;
// The share of the tasks in the first burst, which is submitted at once.
const BURST = 0.2;

const makers: Readonly<Partial<Record<ExecutorName, (batch: BatchSize) => Scheduler>>> = {
  "workers": (batch) => Scheduler.withWorkers(WORKERS, { batch }),
  "processes": (batch) => Scheduler.withProcesses(WORKERS, { batch }),
  "processes without files": (batch) => Scheduler.withProcesses(WORKERS, { batch }),
};

/** Runs the tasks and counts their outcomes. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { executor, kinds, batch, tasks, seed, deadline } = options;
  const begin = performance.now();
  const { make = () => makers[executor]?.(batch) } = options;
  const scheduler = make();
  if (scheduler === undefined) throw new TypeError(`Nothing makes a scheduler for ${executor}`);
  const folder = await Deno.makeTempDir();
  const resources = new DisposableStack();
  resources.defer(() => Deno.removeSync(folder, { recursive: true }));
  if (executor === "processes without files") denyFiles(resources);
  const ledger = submitAll(scheduler, plan(seed, tasks, kinds), folder, resources);
  const run = scheduler.run({ onException: "ignore" }).finally(() => resources.dispose());
  const exit = await within(run, deadline);
  const seconds = (performance.now() - begin) / 1000;
  // The workers of a run that is still going are not leftovers.
  const left = exit === undefined ? [] : await leftBehind();
  return { executor, seed, seconds, exit, run, left, ...ledger.count() };
}

/** Whether the run passed. */
export function isGood({ exit, left, lost, duplicated, wrong }: ChaosReport): boolean {
  // Remote workers see to their own threads.
  const ended = exit?.code === "exhausted" && (exit.runaways ?? 0) === 0;
  return ended && [left, lost, duplicated, wrong].every(({ length }) => length === 0);
}

/** Submits a burst at once, then one task for each that settles. */
function submitAll(
  scheduler: Scheduler,
  planned: readonly Planned[],
  folder: string,
  resources: DisposableStack,
): Ledger {
  const tasks = new Map<Kind, ReturnType<typeof taskOf>>();
  for (const { kind } of planned) {
    if (!tasks.has(kind)) tasks.set(kind, taskOf(scheduler, kind, folder, resources));
  }
  const ledger = new Ledger(scheduler, [...tasks.values()]);
  const cancellations = new Cancellations(scheduler);
  const coming = planned.values();
  let current: Planned | undefined;
  let unsettled = 0;

  const submit = (next: Planned) => {
    const { signal, submitted } = cancellations.prepare(next.kind.cancellation, next.milliseconds);
    current = next;
    const { retried, extra = retried && folder } = next.kind;
    const future = tasks.get(next.kind)?.with({ signal }).submit(next.n, extra);
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
  // In this callback, because an aborted future emits all its events before submit() returns.
  scheduler.onFutureSubmitted((future) => {
    if (current !== undefined) ledger.open(future, current);
    current = undefined;
  });
  scheduler.onFutureDone(goOn);
  scheduler.onFutureCancelled(goOn);
  return ledger;
}

function taskOf(
  scheduler: Scheduler,
  { run, name, retried, journaled, talking }: Kind,
  folder: string,
  resources: DisposableStack,
) {
  const plugins: AnyPlugin[] = retried === undefined ? [] : [new Retry(retried.options)];
  if (journaled === true) {
    plugins.push(resources.use(new Journal({ path: `${folder}/results.db`, key: journalKey })));
  }
  if (talking !== undefined) plugins.push(new Comm());
  const task = scheduler.task(run, { name, plugins });
  if (talking !== undefined) answer(task as AnyTask, talking.grace);
  return task;
}

// Processes get no file where the folder for temporary files does not exist.
function denyFiles(resources: DisposableStack): void {
  const folder = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", "/nowhere");
  resources.defer(() => {
    if (folder === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", folder);
  });
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
