/** What run, workers and calls of a scheduler do, for statistics. @module */

import { describeError } from "../_describe.ts";
import type { Executor } from "../executor.ts";
import type { LastExit, SchedulerStatistics } from "../statistics.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Run } from "./run.ts";

/** The status of the run under way, for `statistics()`. */
export type RunStatus = Pick<
  SchedulerStatistics,
  "running" | "phase" | "waitsFor" | "pendingCallbacks" | "callbacksUnderWay"
>;

const NO_RUN: RunStatus = {
  running: false,
  phase: "not running",
  waitsFor: undefined,
  pendingCallbacks: 0,
  callbacksUnderWay: [],
};

/** The status of the run under way, or of none. */
export function statusOf(run: Run | undefined): RunStatus {
  if (run === undefined) return NO_RUN;
  const { running, waitsFor, callbacks } = run;
  return {
    running,
    phase: running ? "running" : "finishing",
    waitsFor,
    pendingCallbacks: callbacks.size,
    callbacksUnderWay: callbacks.underWay.statistics(),
  };
}

/** How a run has ended. */
export function exitOf({ exit, failure }: Run): LastExit {
  return {
    code: exit.code,
    ...(exit.message === undefined ? {} : { message: exit.message }),
    ...(failure === undefined ? {} : { error: describeError(failure.error) }),
  };
}

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
