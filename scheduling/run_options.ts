/**
 * The options of a run and what it ends with.
 *
 * @module
 */

import { checkBoolean, checkDuration, checkSignal, ownOptions, show } from "./_base/check.ts";
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
 * @example End by time, and let queued work run
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
   * Milliseconds until the run ends, counted from when the `start` callbacks have returned, by the
   * `setTimeout()` that is found then.
   *
   * @default {Infinity}
   */
  timeout?: number | undefined;
  /** Whether the run ends when nothing is left to do. @default {true} */
  endOnEmpty?: boolean | undefined;
  /**
   * What becomes of unsettled work when the run ends otherwise: with `true` running calls finish and
   * queued ones are cancelled, with `"all"` queued ones run too, with `false` everything is cancelled
   * and workers that run something are terminated. A number gives the running calls so many
   * milliseconds to finish, then acts as `false`, so that `timeout` and `wait` together bound the run.
   *
   * @default {true}
   */
  wait?: boolean | "all" | number | undefined;
  /**
   * What to do about an error: one policy for all, or one for what tasks fail with and one for
   * callbacks and the executor. A server that awaits its futures handles their errors there and runs
   * with `{ tasks: "ignore" }`.
   *
   * @default {"raise"}
   */
  onException?: ErrorPolicy | ErrorPolicies | undefined;
  /** What to do about a future that was cancelled while running or queued. @default {"ignore"} */
  onCancelled?: ErrorAction | undefined;
  /** Ends the run without waiting for anything; `run()` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Whether SIGINT and SIGTERM end the run like an abort, or like `stop()` if `wait` is a number. When `finished` was emitted, and async
   * callbacks of `stop`, `finishing` and `finished` have ended, the program exits with code 130 or
   * 143; a second signal exits at once. A callback that was pending when the signal came has five
   * seconds.
   *
   * @default {false}
   */
  handleSignals?: boolean | undefined;
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
 * What `run()` resolves to.
 *
 * @example Tell how a run ended
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
   * Why the run ended: `stop()` was called, its time was up, nothing was left to do, or, as
   * `onCancelled` and `onException` asked for, a future was cancelled or something failed.
   */
  readonly code: ExitCode;
  /** The error that ended the run, or that was passed to `stop()`. */
  readonly exception?: unknown;
  /** What was passed to `stop()` as the message. */
  readonly message?: string;
  /**
   * Worker threads that go on although they were told to end; undefined where that cannot be seen.
   */
  readonly runaways: number | undefined;
}

/** Options of a run with their defaults. */
export interface RunSettings {
  readonly timeout: number;
  readonly endOnEmpty: boolean;
  readonly wait: NonNullable<RunOptions["wait"]>;
  readonly onException: CheckedPolicies;
  readonly onCancelled: ErrorAction;
  readonly signal: AbortSignal | undefined;
  readonly handleSignals: boolean;
}

const NAMES = [
  "timeout",
  "endOnEmpty",
  "wait",
  "onException",
  "onCancelled",
  "signal",
  "handleSignals",
];
/** The options with their defaults; throws for any that is unknown or wrong. */
export function runSettings(options: RunOptions): RunSettings {
  const {
    timeout = Infinity,
    endOnEmpty = true,
    wait = true,
    onException: policy = "raise",
    onCancelled = "ignore",
    signal,
    handleSignals = false,
  } = ownOptions("run()", options, NAMES);
  checkDuration("timeout", timeout);
  checkBoolean("endOnEmpty", endOnEmpty);
  checkBoolean("handleSignals", handleSignals);
  if (signal !== undefined) checkSignal("signal", signal);
  checkWait(wait);
  const onException = checkPolicies(policy);
  checkAction("onCancelled", onCancelled);
  return { timeout, endOnEmpty, wait, onException, onCancelled, signal, handleSignals };
}

function checkWait(wait: unknown): void {
  if (typeof wait === "number") return checkDuration("wait", wait);
  if (wait === "all" || typeof wait === "boolean") return;
  throw new TypeError(`wait must be true, false, "all" or milliseconds, not ${show(wait)}`);
}
