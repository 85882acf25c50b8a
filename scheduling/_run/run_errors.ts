/** The errors of a run, and what they say. @module */

import type { RunFailure } from "./decisions.ts";
import { FutureCancelledError, SchedulerNotRunningError } from "../errors.ts";
import type { Call } from "../executor.ts";

/** Says why a call was cancelled. */
export function cancelledError(
  { name }: Call,
  why: string,
  cause?: unknown,
): FutureCancelledError {
  const message = `${name} was cancelled: ${why}`;
  return new FutureCancelledError(message, cause === undefined ? undefined : { cause });
}

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

/** Adds the call as a last line to the stack of an error, once, and returns the error. */
export function withStackLine({ error, call }: RunFailure): unknown {
  if (call === undefined) return error;
  const line = `\n    at ${call}`;
  try {
    const { stack } = error as { stack?: unknown };
    if (typeof stack === "string" && !stack.endsWith(line)) {
      Reflect.set(error as object, "stack", stack + line);
    }
  } catch {
    // Not an object, or its `stack` throws: it is raised unchanged.
  }
  return error;
}
