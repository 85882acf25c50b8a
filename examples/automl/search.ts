/**
 * The search: successive halving with early stopping, driven by the events of a scheduler.
 *
 * @module
 */

import {
  Comm,
  type ExitState,
  fromModule,
  type Future,
  Journal,
  Limiter,
  Requeue,
  Retry,
  WorkerLostError,
} from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import { makeScheduler, type Place } from "./make_scheduler.ts";
import { MedianRule } from "./median_rule.ts";
import { SuccessiveHalving } from "./successive_halving.ts";
import { type Candidate, type Trial, TrialError } from "./trial.ts";

// Only the workers load this module and the libraries that it imports.
const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

// The first of this many trials of a rung show what is usual.
const COHORT = 3;
// Results of another version are not used. To be changed with a model, or with the libraries.
const MODELS = "1";
// How many milliseconds a trial has to end when it is asked to.
const GRACE = 60_000;

/** The input of a search, and its callbacks. */
export interface SearchOptions extends Place {
  /** The data set. */
  readonly data: Dataset;
  /** The candidates of the first rung. */
  readonly candidates: readonly Candidate[];
  /** The number of digits to train on, for each rung. */
  readonly budgets: readonly number[];
  /** Milliseconds after which no more trials start. */
  readonly timeout: number;
  /** The file that keeps results, so that a later search need not repeat trials. */
  readonly journal: string | undefined;
  /** Called when a rung starts. */
  readonly onRung: (halving: SuccessiveHalving) => void;
  /** Called after every ninth result. */
  readonly onProgress: (halving: SuccessiveHalving) => void;
  /** Called at the end, also when Ctrl-C ends the program. */
  readonly onFinished: (halving: SuccessiveHalving, counts: TrialCounts) => void;
}

/** How many trials have a result, failed, were cancelled, were stopped early, or were known already. */
export type TrialCounts = Readonly<
  Record<"result" | "exception" | "cancelled" | "stopped" | "known", number>
>;

/** A trial that was stopped early in this run. */
export interface StoppedTrial {
  /** The trial. */
  readonly trial: Trial;
  /** How many milliseconds it took. */
  readonly milliseconds: number;
}

/** The outcome of a search. */
export interface SearchReport {
  /** How the run ended. */
  readonly exit: ExitState;
  /** The results of each candidate. */
  readonly halving: SuccessiveHalving;
  /** The trials that were stopped early. */
  readonly stopped: readonly StoppedTrial[];
  /** The duration of the run. */
  readonly milliseconds: number;
}

/** Runs a search. */
export async function search(options: SearchOptions): Promise<SearchReport> {
  const { workers, timeout, journal, onRung, onProgress, onFinished } = options;
  const halving = new SuccessiveHalving(options.candidates, options.budgets);
  const trials = new Map<Future, Trial>();
  const stopped = new Set<Future>();
  let known = 0;
  let rule = new MedianRule();
  let cohort: readonly Trial[] = [];
  let waiting = new Requeue<Trial>();

  const scheduler = await makeScheduler(options);
  const data = scheduler.share(options.data);
  const evaluation = scheduler.task(work.evaluate, {
    plugins: [
      // Two trials for each worker: one to run and one to run next. The others wait here.
      new Limiter({ maxConcurrent: 2 * workers }),
      new Comm(),
      new Retry({ maxAttempts: 2 }),
    ],
  });
  const cached = journal === undefined
    ? undefined
    : evaluation.attachPlugin(new Journal({ path: journal, version: MODELS }));
  cached?.on("journal-hit", () => known++);

  // The run starts with the first rung. Its trials are submitted until the limiter declines one.
  scheduler.onStart(startRung);
  evaluation.onSubmitted((future, _data, trial) => trials.set(future, trial));
  evaluation.on("concurrent-limit-reached", (_task, _data, trial) => waiting.requeue(trial));

  // A bad trial is asked to end; it returns its reports so far.
  evaluation.on("comm-message", (future, report) => {
    if (stopped.has(future) || cohort.includes(trialOf(future)) || !rule.isBad(report)) return;
    stopped.add(future);
    future.cancel({ grace: GRACE });
  });

  // A settled trial is recorded and leaves room for another one.
  evaluation.onResult((future, reports) => {
    const trial = trialOf(future);
    const isOfCohort = cohort.includes(trial);
    if (isOfCohort) rule.learn(reports);
    const decisive = isOfCohort ? reports.at(-1) : rule.decisive(reports);
    halving.succeeded(trial, decisive?.accuracy ?? 0);
  });
  evaluation.onException((future, error) => halving.failed(trialOf(future), error));
  evaluation.onResult(() => onProgress(halving), { every: 9 });
  evaluation.onResult(goOn);
  evaluation.onException(goOn);

  // The run ends when no trial is left, at the timeout, or on Ctrl-C.
  scheduler.onFinished(() => {
    onFinished(halving, { ...evaluation.eventCounts, stopped: stopped.size, known });
  });

  const begin = performance.now();
  const exit = await scheduler.run({
    timeout,
    handleSignals: true,
    // A trial may fail or crash its worker. Any other error is a bug in this program.
    onException: [[TrialError, "ignore"], [WorkerLostError, "ignore"]],
  });
  const milliseconds = performance.now() - begin;
  return { exit, halving, stopped: [...stopped].map(stoppedTrial), milliseconds };

  function startRung(): void {
    onRung(halving);
    const { rung } = halving;
    rule = new MedianRule();
    cohort = rung.slice(0, Math.ceil(rung.length / COHORT));
    waiting = new Requeue(cohort);
    submitWaiting();
  }

  function submitWaiting(): void {
    for (const trial of waiting) {
      if (evaluation.submit(data, trial, "validation") === undefined) return;
    }
  }

  function goOn(): void {
    if (!scheduler.running) return;
    if (halving.settledCount === cohort.length) {
      waiting = new Requeue(halving.rung.slice(cohort.length));
    }
    if (!halving.rungSettled) submitWaiting();
    else if (halving.promote()) startRung();
  }

  function trialOf(future: Future): Trial {
    const trial = trials.get(future);
    if (trial === undefined) throw new Error(`No trial was submitted as future ${future.id}`);
    return trial;
  }

  function stoppedTrial(future: Future): StoppedTrial {
    const { startedAt = NaN, settledAt = NaN } = future;
    return { trial: trialOf(future), milliseconds: settledAt - startedAt };
  }
}
