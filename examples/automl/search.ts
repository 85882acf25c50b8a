/**
 * The search: successive halving on a scheduler, told by its events.
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

// Only the workers load this module, and the libraries that it imports.
const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

/** What to search, and whom to tell. */
export interface SearchOptions {
  /** The data set. */
  readonly data: Dataset;
  /** All that take part. */
  readonly candidates: readonly Candidate[];
  /** The number of digits to train on, for each rung. */
  readonly budgets: readonly number[];
  /** The number of workers. */
  readonly workers: number;
  /** Milliseconds after which no more trials begin. */
  readonly timeout: number;
  /** Called when a rung begins. */
  readonly onRung: (halving: SuccessiveHalving) => void;
  /** Called now and then. */
  readonly onProgress: (halving: SuccessiveHalving) => void;
  /** Called at the end, also when Ctrl-C ends the program. */
  readonly onFinished: (halving: SuccessiveHalving, counts: TrialCounts) => void;
}

/** How many trials had a result, failed, and were cancelled. */
export type TrialCounts = Readonly<Record<"result" | "exception" | "cancelled", number>>;

/** What has come of a search. */
export interface SearchReport {
  /** How it ended. */
  readonly exit: ExitState;
  /** How far each candidate has come. */
  readonly halving: SuccessiveHalving;
  /** How long it took. */
  readonly milliseconds: number;
}

/** Runs a search. */
export async function search(options: SearchOptions): Promise<SearchReport> {
  const { data, workers, timeout, onRung, onProgress, onFinished } = options;
  const halving = new SuccessiveHalving(options.candidates, options.budgets);
  const trials = new Map<Future, Trial>();
  let waiting = new Requeue<Trial>();

  const scheduler = Scheduler.withWorkers(workers);
  // For each worker a trial in hand and one to go on with; the others wait here.
  const evaluation = scheduler.task(work.evaluate, {
    plugins: new Limiter({ maxConcurrent: 2 * workers }),
  });

  // The run starts with a rung, whose trials are submitted until the limiter declines one.
  scheduler.onStart(startRung);
  evaluation.onSubmitted((future, _data, trial) => trials.set(future, trial));
  evaluation.on("concurrent-limit-reached", (_task, _data, trial) => waiting.requeue(trial));

  // A trial that has settled is written down, and leaves room for another one.
  evaluation.onResult((future, accuracy) => halving.succeeded(trialOf(future), accuracy));
  evaluation.onException((future, error) => halving.failed(trialOf(future), error));
  evaluation.onResult(() => onProgress(halving), { every: 9 });
  evaluation.onResult(goOn);
  evaluation.onException(goOn);

  // The run is over when nothing was submitted any more, or by the timeout, or by Ctrl-C.
  scheduler.onFinished(() => onFinished(halving, evaluation.eventCounts));

  const begin = performance.now();
  const exit = await scheduler.run({
    timeout,
    handleSignals: true,
    // A trial may fail, or take its worker down. Any other error is a mistake of ours.
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
