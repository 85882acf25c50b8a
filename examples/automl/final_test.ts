/**
 * The test of the winner.
 *
 * @module
 */

import { fromModule, Scheduler } from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import type { Trial } from "./trial.ts";

const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

/** Trains the model of a trial and returns its accuracy on the test digits. */
export async function testAccuracy(data: Dataset, trial: Trial): Promise<number> {
  let accuracy = 0;
  const scheduler = Scheduler.withWorkers(1);
  const evaluation = scheduler.task(work.evaluate);
  scheduler.onStart(() => evaluation.submit(data, trial, "test"));
  evaluation.onResult((_future, value) => {
    accuracy = value;
  });
  await scheduler.run({ handleSignals: true });
  return accuracy;
}
