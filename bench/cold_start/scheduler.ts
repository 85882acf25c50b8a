/** The first result of a scheduler that has no worker yet. @module */

import { Scheduler } from "@amltk/scheduling";
import { check } from "../checks.ts";
import { WORKERS } from "../pool.ts";

/** Makes a scheduler, runs one task and reports the arrival of its result. */
export async function coldStart(arrived: () => void): Promise<void> {
  const scheduler = Scheduler.withWorkers(WORKERS);
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    task.submit(7);
  });
  task.onResult((_future, n) => {
    arrived();
    check(n, 7);
  });
  await scheduler.run();
  check(task.eventCounts.result, 1);
}
