/** The first result of a scheduler that has no worker yet. @module */

import { Scheduler } from "@amltk/scheduling";
import { check } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import type { ColdStartListener } from "./listener.ts";

/** Runs one task in a worker. */
export function coldStart(listener: ColdStartListener): Promise<void> {
  return firstResult(Scheduler.withWorkers(WORKERS), listener);
}

/** Runs one task in a process. */
export function coldStartOfProcess(listener: ColdStartListener): Promise<void> {
  return firstResult(Scheduler.withProcesses(WORKERS), listener);
}

async function firstResult(
  scheduler: Scheduler,
  { began, arrived }: ColdStartListener,
): Promise<void> {
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    task.submit(7);
  });
  task.onResult((_future, n) => {
    arrived();
    check(n, 7);
  });
  began();
  await scheduler.run();
  check(task.eventCounts.result, 1);
}
