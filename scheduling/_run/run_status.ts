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
  "running" | "phase" | "waitsFor" | "pendingCallbacks" | "callbacksUnderWay" | "lastExit"
>;

const NO_RUN: Omit<RunStatus, "lastExit"> = {
  running: false,
  phase: "not running",
  waitsFor: undefined,
  pendingCallbacks: 0,
  callbacksUnderWay: [],
};

/** The status of the run under way, or of none. A finished run may still wait for its display. */
export function statusOf(run: Run | undefined, lastExit: LastExit | undefined): RunStatus {
  if (run === undefined) return { ...NO_RUN, lastExit };
  if (run.finished) return { ...NO_RUN, lastExit: exitOf(run) };
  const { running, waitsFor, callbacks } = run;
  return {
    running,
    phase: running ? "running" : "finishing",
    waitsFor,
    pendingCallbacks: callbacks.size,
    callbacksUnderWay: callbacks.underWay.statistics(),
    lastExit,
  };
}

/** How a run has ended. */
export function exitOf({ exit: { state, failure } }: Run): LastExit {
  return {
    code: state.code,
    ...(state.message === undefined ? {} : { message: state.message }),
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
