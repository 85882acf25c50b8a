/**
 * The search: successive halving, driven by the events of a scheduler.
 *
 * @module
 */

import {
  type ExitState,
  fromModule,
  type Future,
  Limiter,
  Requeue,
  Scheduler,
  WorkerLostError,
} from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import { SuccessiveHalving } from "./successive_halving.ts";
import { type Candidate, type Trial, TrialError } from "./trial.ts";

// Only the workers load this module and the libraries that it imports.
const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

/** The input of a search, and its callbacks. */
export interface SearchOptions {
  /** The data set. */
  readonly data: Dataset;
  /** The candidates of the first rung. */
  readonly candidates: readonly Candidate[];
  /** The number of digits to train on, for each rung. */
  readonly budgets: readonly number[];
  /** The number of workers. */
  readonly workers: number;
  /** Milliseconds after which no more trials start. */
  readonly timeout: number;
  /** Called when a rung starts. */
  readonly onRung: (halving: SuccessiveHalving) => void;
  /** Called after every ninth result. */
  readonly onProgress: (halving: SuccessiveHalving) => void;
  /** Called at the end, also when Ctrl-C ends the program. */
  readonly onFinished: (halving: SuccessiveHalving, counts: TrialCounts) => void;
}

/** The numbers of trials with a result, of failed ones and of cancelled ones. */
export type TrialCounts = Readonly<Record<"result" | "exception" | "cancelled", number>>;

/** The outcome of a search. */
export interface SearchReport {
  /** How the run ended. */
  readonly exit: ExitState;
  /** The results of each candidate. */
  readonly halving: SuccessiveHalving;
  /** The duration of the run. */
  readonly milliseconds: number;
}

/** Runs a search. */
export async function search(options: SearchOptions): Promise<SearchReport> {
  const { data, workers, timeout, onRung, onProgress, onFinished } = options;
  const halving = new SuccessiveHalving(options.candidates, options.budgets);
  const trials = new Map<Future, Trial>();
  let waiting = new Requeue<Trial>();

  const scheduler = Scheduler.withWorkers(workers);
  // Submits two trials for each worker: one to run and one to run next. The others wait here.
  const evaluation = scheduler.task(work.evaluate, {
    plugins: new Limiter({ maxConcurrent: 2 * workers }),
  });

  // The run starts with the first rung. Its trials are submitted until the limiter declines one.
  scheduler.onStart(startRung);
  evaluation.onSubmitted((future, _data, trial) => trials.set(future, trial));
  evaluation.on("concurrent-limit-reached", (_task, _data, trial) => waiting.requeue(trial));

  // A settled trial is recorded and leaves room for another one.
  evaluation.onResult((future, accuracy) => halving.succeeded(trialOf(future), accuracy));
  evaluation.onException((future, error) => halving.failed(trialOf(future), error));
  evaluation.onResult(() => onProgress(halving), { every: 9 });
  evaluation.onResult(goOn);
  evaluation.onException(goOn);

  // The run ends when no trial is left, at the timeout, or on Ctrl-C.
  scheduler.onFinished(() => onFinished(halving, evaluation.eventCounts));

  const begin = performance.now();
  const exit = await scheduler.run({
    timeout,
    handleSignals: true,
    // A trial may fail or crash its worker. Any other error is a bug in this program.
    onException: [[TrialError, "ignore"], [WorkerLostError, "ignore"]],
  });
  const milliseconds = performance.now() - begin;
  return { exit, halving, milliseconds };

  function startRung(): void {
    onRung(halving);
    waiting = new Requeue(halving.rung);
    submitWaiting();
  }

  function submitWaiting(): void {
    for (const trial of waiting) {
      if (evaluation.submit(data, trial, "validation") === undefined) return;
    }
  }

  function goOn(): void {
    if (!scheduler.running) return;
    if (!halving.rungSettled) submitWaiting();
    else if (halving.promote()) startRung();
  }

  function trialOf(future: Future): Trial {
    const trial = trials.get(future);
    if (trial === undefined) throw new Error(`No trial was submitted as future ${future.id}`);
    return trial;
  }
}
