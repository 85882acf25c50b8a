/** The error of what needs a run, outside of one. @module */

import { SchedulerNotRunningError } from "../errors.ts";
import type { RunFailure } from "./decisions.ts";

/** Says why an action is refused, with the failure that ended the run as the cause. */
export function notRunningError(
  action: string,
  isEnding: boolean,
  failure: RunFailure | undefined,
): SchedulerNotRunningError {
  const why = isEnding
    ? "the run is ending"
    : "the scheduler is not running; do it while run() is under way, such as in a callback of onStart";
  return new SchedulerNotRunningError(
    `Cannot ${action}: ${why}`,
    failure && { cause: failure.error },
  );
}
