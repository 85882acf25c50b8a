/**
 * Measures how much faster several workers are than one, and what early stopping has saved.
 *
 * @module
 */

import { Comm, fromModule, type Future } from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import { makeScheduler, type Place } from "./make_scheduler.ts";
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
  place: Place,
): Promise<SpeedUp> {
  let many = Infinity;
  let one = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    many = Math.min(many, (await timeTrials(data, trials, place)).total);
    one = Math.min(one, (await timeTrials(data, trials, { ...place, workers: 1 })).total);
  }
  return { many, one };
}

/** Measures how many milliseconds trials take in all if nothing stops them. */
export async function measureToTheEnd(
  data: Dataset,
  trials: readonly Trial[],
  place: Place,
): Promise<number> {
  return (await timeTrials(data, trials, place)).each.reduce((sum, time) => sum + time, 0);
}

interface Times {
  /** From the first submission to the last result. */
  readonly total: number;
  /** Of each trial, from its start to its end. */
  readonly each: readonly number[];
}

// The clock starts when every worker has loaded the libraries and made its rows.
async function timeTrials(data: Dataset, trials: readonly Trial[], place: Place): Promise<Times> {
  let begin = 0;
  let end = 0;
  const each: number[] = [];
  const scheduler = await makeScheduler(place);
  const shared = scheduler.share(data);
  const warmUp = scheduler.task(work.warmUp);
  const evaluation = scheduler.task(work.evaluate, { plugins: new Comm() });

  scheduler.onStart(() => warmUp.submit(shared), { repeat: place.workers });
  warmUp.onResult(() => {
    begin = performance.now();
    for (const trial of trials) evaluation.submit(shared, trial, "validation");
  }, { every: place.workers });
  evaluation.onDone((future) => {
    end = performance.now();
    each.push(durationOf(future));
  });

  await scheduler.run({
    handleSignals: true,
    onException: [[TrialError, "ignore"]],
  });
  return { total: end - begin, each };
}

function durationOf({ startedAt = NaN, settledAt = NaN }: Future): number {
  return settledAt - startedAt;
}
