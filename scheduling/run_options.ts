/**
 * The options of a run and its exit state.
 *
 * @module
 */

import { checkBoolean, checkDuration, checkSignal, ownOptions, show } from "./_base/check.ts";
import { type DisplayOptions, type DisplaySettings, displaySettings } from "./display_options.ts";
import {
  checkAction,
  type CheckedPolicies,
  checkPolicies,
  type ErrorAction,
  type ErrorPolicies,
  type ErrorPolicy,
} from "./error_policy.ts";

/**
 * Options of `scheduler.run()`.
 *
 * @example End after a time, and let queued work run
 * ```ts
 * import { type RunOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: RunOptions = { timeout: 20, endOnEmpty: false, wait: "all" };
 * const scheduler = Scheduler.withSequential();
 * scheduler.onTimeout(() => assertEquals(scheduler.running, false));
 * assertEquals((await scheduler.run(options)).code, "timeout");
 * ```
 *
 * @category Scheduler
 */
export interface RunOptions {
  /**
   * Milliseconds until the run ends, from the return of the `start` callbacks on. They are measured
   * by the global `setTimeout()` of that moment. Work that `wait` lets finish may take longer.
   *
   * @default {Infinity}
   */
  timeout?: number | undefined;
  /** Whether the run ends when nothing is left to do. @default {true} */
  endOnEmpty?: boolean | undefined;
  /**
   * What happens to unsettled futures when the run ends before it is empty. `true`: running calls
   * finish, queued ones are cancelled. `"all"`: queued ones run too. `false`: all are cancelled,
   * and busy workers are terminated. A number: running calls have that many milliseconds to finish,
   * then it acts like `false`; so `timeout` and `wait` together bound the run.
   *
   * @default {true}
   */
  wait?: boolean | "all" | number | undefined;
  /**
   * What to do about an error: one policy for all errors, or one for failures of tasks and one for
   * errors of callbacks and the executor. A server that awaits its futures handles their errors
   * there, and runs with `{ tasks: "ignore" }`.
   *
   * @default {"raise"}
   */
  onException?: ErrorPolicy | ErrorPolicies | undefined;
  /** What to do about a future that was cancelled. @default {"ignore"} */
  onCancelled?: ErrorAction | undefined;
  /** Ends the run without waiting for anything; `run()` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Whether SIGINT and SIGTERM end the run like an abort, or like `stop()` if `wait` is a number.
   * The program exits with code 130 or 143 after `finished`, once async callbacks of `stop`,
   * `finishing` and `finished` have settled. It waits up to five seconds for those that were
   * pending when the signal arrived. A second signal exits at once.
   *
   * @default {false}
   */
  handleSignals?: boolean | undefined;
  /**
   * Shows the run on the terminal, redrawn in place below what the program prints; where the stream is no
   * terminal, by a line every few seconds. `true` writes to stderr. It never affects the run.
   *
   * @default {false}
   */
  display?: boolean | DisplayOptions | undefined;
}

/**
 * How a run ended.
 *
 * @example An exit code of the program
 * ```ts
 * import { type ExitCode, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const codes: Record<ExitCode, number> = {
 *   exhausted: 0,
 *   stopped: 0,
 *   timeout: 2,
 *   cancelled: 3,
 *   exception: 1,
 * };
 * const { code } = await Scheduler.withSequential().run({ timeout: 10, endOnEmpty: false });
 * assertEquals(codes[code], 2);
 * ```
 *
 * @category Scheduler
 */
export type ExitCode = "stopped" | "timeout" | "exhausted" | "cancelled" | "exception";

/**
 * The result of `run()`.
 *
 * @example Describe how a run ended
 * ```ts
 * import { type ExitState, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function describe({ code, exception }: ExitState): string {
 *   return exception === undefined ? code : `${code}: ${exception}`;
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => new Array(-1));
 * });
 * const exit = await scheduler.run({ onException: "end" });
 * assertEquals(describe(exit), "exception: RangeError: Invalid array length");
 * ```
 *
 * @category Scheduler
 */
export interface ExitState {
  /**
   * Why the run ended: `stop()` was called or the run was aborted (`"stopped"`), its `timeout`
   * passed (`"timeout"`), nothing was left to do (`"exhausted"`), `onCancelled` ended it
   * (`"cancelled"`), or `onException` ended it (`"exception"`).
   */
  readonly code: ExitCode;
  /** The error that ended the run or was passed to `stop()`. */
  readonly exception?: unknown;
  /** The message that was passed to `stop()`. */
  readonly message?: string;
  /**
   * How many terminated worker threads still run; undefined for executors that cannot observe it.
   */
  readonly runaways: number | undefined;
}

/** The options of a run, with defaults filled in. */
export interface RunSettings {
  readonly timeout: number;
  readonly endOnEmpty: boolean;
  readonly wait: NonNullable<RunOptions["wait"]>;
  readonly onException: CheckedPolicies;
  readonly onCancelled: ErrorAction;
  readonly signal: AbortSignal | undefined;
  readonly handleSignals: boolean;
  readonly display: DisplaySettings | undefined;
}

const NAMES = [
  "timeout",
  "endOnEmpty",
  "wait",
  "onException",
  "onCancelled",
  "signal",
  "handleSignals",
  "display",
];

/** Checks the options and fills in defaults; throws if one is unknown or wrong. */
export function runSettings(options: RunOptions): RunSettings {
  const {
    timeout = Infinity,
    endOnEmpty = true,
    wait = true,
    onException: policy = "raise",
    onCancelled = "ignore",
    signal,
    handleSignals = false,
    display: displayOption = false,
  } = ownOptions("run()", options, NAMES);
  checkDuration("timeout", timeout);
  checkBoolean("endOnEmpty", endOnEmpty);
  checkBoolean("handleSignals", handleSignals);
  if (signal !== undefined) checkSignal("signal", signal);
  checkWait(wait);
  const onException = checkPolicies(policy);
  checkAction("onCancelled", onCancelled);
  const display = displaySettings(displayOption);
  return { timeout, endOnEmpty, wait, onException, onCancelled, signal, handleSignals, display };
}

function checkWait(wait: unknown): void {
  if (typeof wait === "number") return checkDuration("wait", wait);
  if (wait === "all" || typeof wait === "boolean") return;
  throw new TypeError(`wait must be true, false, "all" or milliseconds, not ${show(wait)}`);
}
