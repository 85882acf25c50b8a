/**
 * Measures how much faster several workers are than one.
 *
 * @module
 */

import { fromModule, Scheduler } from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import { type Trial, TrialError } from "./trial.ts";

const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

// Other programs disturb the measurement, so each time is the best of this many.
const ROUNDS = 3;

/** Milliseconds for the same trials on several workers and on one. */
export interface SpeedUp {
  /** On several workers. */
  readonly many: number;
  /** On one worker. */
  readonly one: number;
}

/** Measures how long trials take on several workers and on one. */
export async function measureSpeedUp(
  data: Dataset,
  trials: readonly Trial[],
  workers: number,
): Promise<SpeedUp> {
  let many = Infinity;
  let one = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    many = Math.min(many, await timeTrials(data, trials, workers));
    one = Math.min(one, await timeTrials(data, trials, 1));
  }
  return { many, one };
}

// The clock starts when every worker has loaded the libraries and made its rows.
async function timeTrials(
  data: Dataset,
  trials: readonly Trial[],
  workers: number,
): Promise<number> {
  let begin = 0;
  let end = 0;
  const scheduler = Scheduler.withWorkers(workers);
  const warmUp = scheduler.task(work.warmUp);
  const evaluation = scheduler.task(work.evaluate);

  scheduler.onStart(() => warmUp.submit(data), { repeat: workers });
  warmUp.onResult(() => {
    begin = performance.now();
    for (const trial of trials) evaluation.submit(data, trial, "validation");
  }, { every: workers });
  evaluation.onDone(() => {
    end = performance.now();
  });

  await scheduler.run({
    handleSignals: true,
    onException: [[TrialError, "ignore"]],
  });
  return end - begin;
}
