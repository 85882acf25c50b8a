/** How a run ends: why, and with which error. @module */

import { withDisplay } from "../_base/inspect.ts";
import { exitHtml } from "../display/_to_html.ts";
import type { ExitCode, ExitState } from "../run_options.ts";
import type { RunFailure } from "./decisions.ts";
import { withStackLine } from "./run_errors.ts";

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
