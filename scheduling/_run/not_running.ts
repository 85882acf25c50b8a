/** The error of what needs a run, outside of one. @module */

import { SchedulerNotRunningError } from "../errors.ts";
import type { RunFailure } from "./decisions.ts";

/** Says why an action is refused; the cause is the failure that ended this run or the last one. */
export function notRunningError(
  action: string,
  endingRun: { readonly failure: RunFailure | undefined } | undefined,
  lastFailure: RunFailure | undefined,
): SchedulerNotRunningError {
  const failure = endingRun === undefined ? lastFailure : endingRun.failure;
  const why = endingRun === undefined
    ? "the scheduler is not running; do it while run() is under way, such as in a callback of onStart"
    : "the run is ending";
  return new SchedulerNotRunningError(
    `Cannot ${action}: ${why}`,
    failure && { cause: failure.error },
  );
}
