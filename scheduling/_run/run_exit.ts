/** How a run ends, and the errors that say so. @module */

import { withDisplay } from "../_base/inspect.ts";
import type { RunFailure } from "./decisions.ts";
import { exitHtml } from "../display/_to_html.ts";
import { FutureCancelledError, SchedulerNotRunningError } from "../errors.ts";
import type { Call } from "../executor.ts";
import type { ExitCode, ExitState } from "../run_options.ts";

type Exit = Omit<ExitState, "runaways">;

/** The exit of one run. */
export class RunExit {
  #state: Exit = { code: "exhausted" };
  #raised: RunFailure | undefined;

  /** How it ends, once that is decided. */
  get state(): Exit {
    return this.#state;
  }

  /** The error that ended it, if one did. */
  get failure(): RunFailure | undefined {
    const { exception } = this.#state;
    return exception === undefined ? this.#raised : { error: exception };
  }

  /** Makes the run reject with an error; the first one wins. */
  raise(failure: RunFailure): void {
    this.#raised ??= failure;
  }

  /** Decides why it ends. `message` is what `stop()` was called with. */
  decide(code: ExitCode, exception: unknown, message: string | undefined): void {
    this.#state = {
      code,
      ...(exception === undefined ? {} : { exception }),
      ...(message === undefined ? {} : { message }),
    };
  }

  /** The result of the run; throws what was raised. */
  result(runaways: number | undefined): ExitState {
    if (this.#raised !== undefined) throw withStackLine(this.#raised);
    return withDisplay({ ...this.#state, runaways }, exitHtml);
  }
}

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
function withStackLine({ error, call }: RunFailure): unknown {
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
