/** In which phase a run is and how it has ended, for statistics. @module */

import { show } from "../_base/check.ts";
import type { LastExit, SchedulerStatistics } from "../statistics.ts";
import type { Run } from "./run.ts";

/** The status of the run under way, for `statistics()`. */
export type RunStatus = Pick<
  SchedulerStatistics,
  "running" | "phase" | "waitsFor" | "pendingCallbacks"
>;

/** The status of the run under way, or of none. */
export function statusOf(run: Run | undefined): RunStatus {
  if (run === undefined) {
    return { running: false, phase: "not running", waitsFor: undefined, pendingCallbacks: 0 };
  }
  const { running, waitsFor, pendingCallbacks } = run;
  return { running, phase: running ? "running" : "finishing", waitsFor, pendingCallbacks };
}

/** How a run has ended. */
export function exitOf({ exit, failure }: Run): LastExit {
  return {
    code: exit.code,
    ...(exit.message === undefined ? {} : { message: exit.message }),
    ...(failure === undefined ? {} : { error: textOf(failure.error) }),
  };
}

// An error of a user's class may have a toString() that throws.
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error) : show(error);
  } catch {
    return show(error);
  }
}
