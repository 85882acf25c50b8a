/** The first result of a scheduler that has no worker yet. @module */

import { Scheduler } from "@amltk/scheduling";
import { check } from "../checks.ts";
import { WORKERS } from "../pool.ts";

/** Makes a scheduler, runs one task in a worker and reports the arrival of its result. */
export function coldStart(arrived: () => void): Promise<void> {
  return firstResult(Scheduler.withWorkers(WORKERS), arrived);
}

/** The same in a process. */
export function coldStartOfProcess(arrived: () => void): Promise<void> {
  return firstResult(Scheduler.withProcesses(WORKERS), arrived);
}

async function firstResult(scheduler: Scheduler, arrived: () => void): Promise<void> {
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
