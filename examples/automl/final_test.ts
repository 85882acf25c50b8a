/**
 * The test of the winner.
 *
 * @module
 */

import { Comm, fromModule } from "@amltk/scheduling";
import type { Dataset } from "./dataset.ts";
import { makeScheduler, type Place } from "./make_scheduler.ts";
import type { Trial } from "./trial.ts";

const work = fromModule<typeof import("./worker.ts")>(import.meta.resolve("./worker.ts"));

/** Trains the model of a trial and returns its accuracy on the test digits. */
export async function testAccuracy(data: Dataset, trial: Trial, place: Place): Promise<number> {
  let accuracy = 0;
  const scheduler = await makeScheduler({ ...place, workers: 1 });
  const evaluation = scheduler.task(work.evaluate, { plugins: new Comm() });
  scheduler.onStart(() => evaluation.submit(data, trial, "test"));
  evaluation.onResult((_future, reports) => {
    accuracy = reports.at(-1)?.accuracy ?? 0;
  });
  await scheduler.run({ handleSignals: true });
  return accuracy;
}
