/** What workers and calls of a scheduler do, for statistics. @module */

import type { Executor } from "../executor.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Outcomes } from "./outcomes.ts";

export type CallStatus =
  & ReturnType<Outcomes["statistics"]>
  & Pick<
    SchedulerStatistics,
    "executor" | "workerCount" | "workers" | "pending" | "held" | "runningCount"
  >;

export function callStatusOf(executor: Executor, dispatcher: Dispatcher): CallStatus {
  const workers = executor.workers?.();
  const runningCount = workers?.filter(({ call }) => call).length ?? dispatcher.runningCount;
  return {
    executor: executor.name,
    workerCount: executor.workerCount,
    workers: workers ?? [],
    pending: dispatcher.queue.size - runningCount,
    held: dispatcher.heldCount,
    runningCount,
    ...dispatcher.outcomes.statistics(),
  };
}
