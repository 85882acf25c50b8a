/**
 * The options of a run and what it ends with.
 *
 * @module
 */

import {
  checkBoolean,
  checkDuration,
  checkSignal,
  isClass,
  ownOptions,
  show,
} from "./_base/check.ts";

/**
 * What to do about an error: end the run and reject with it, end the run, or go on.
 *
 * @example End the run at the first error
 * ```ts
 * import { type ErrorAction, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const action: ErrorAction = "end";
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => JSON.parse("{"));
 * });
 * const exit = await scheduler.run({ onException: action });
 * assertEquals(exit.code, "exception");
 * assertInstanceOf(exit.exception, SyntaxError);
 * ```
 *
 * @category Scheduler
 */
export type ErrorAction = "raise" | "end" | "ignore";

/**
 * A class of errors, abstract ones included.
 *
 * @example The classes that a program expects
 * ```ts
 * import { type ErrorClass, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const expected: readonly ErrorClass[] = [SyntaxError, RangeError];
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => JSON.parse("{"));
 *   scheduler.submit(() => new Array(-1));
 * });
 * const exit = await scheduler.run({
 *   onException: expected.map((type) => [type, "ignore"] as const),
 * });
 * assertEquals([exit.code, scheduler.eventCounts["future-exception"]], ["exhausted", 2]);
 * ```
 *
 * @category Scheduler
 */
// deno-lint-ignore no-explicit-any -- the constructor of any error class
export type ErrorClass = abstract new (...args: any[]) => unknown;

/**
 * One action for all errors, or an ordered list of classes with theirs: the first that matches, base
 * classes included, decides, and what no class matches is raised. A class of the worker's own that has
 * the same name matches too, on every executor alike.
 *
 * @example One class ends the run, others do not matter
 * ```ts
 * import { type ErrorPolicy, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const policy: ErrorPolicy = [[SyntaxError, "end"], [Error, "ignore"]];
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => new Array(-1));
 *   scheduler.submit(() => JSON.parse("{"));
 * });
 * const exit = await scheduler.run({ onException: policy });
 * assertEquals([exit.code, scheduler.eventCounts["future-exception"]], ["exception", 2]);
 * ```
 *
 * @category Scheduler
 */
export type ErrorPolicy = ErrorAction | readonly (readonly [ErrorClass, ErrorAction])[];

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
   * What becomes of unsettled work when the run ends otherwise: with `true` running tasks finish and
   * queued ones are cancelled, with `"all"` queued ones run too, with `false` everything is cancelled
   * and workers that run something are terminated.
   *
   * @default {true}
   */
  wait?: boolean | "all" | undefined;
  /** What to do about an error of a task or of a callback. @default {"raise"} */
  onException?: ErrorPolicy | undefined;
  /** What to do about a future that was cancelled while running or queued. @default {"ignore"} */
  onCancelled?: ErrorAction | undefined;
  /** Ends the run without waiting for anything; `run()` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Whether SIGINT and SIGTERM end the run like an abort. When `finished` was emitted, and async
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
  readonly onException: ErrorPolicy;
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
const ACTIONS: readonly unknown[] = ["raise", "end", "ignore"];

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
  if (wait !== "all" && typeof wait !== "boolean") {
    throw new TypeError(`wait must be true, false or "all", not ${show(wait)}`);
  }
  const onException = checkPolicy(policy);
  checkAction("onCancelled", onCancelled);
  return { timeout, endOnEmpty, wait, onException, onCancelled, signal, handleSignals };
}

function checkAction(where: string, action: unknown): asserts action is ErrorAction {
  if (ACTIONS.includes(action)) return;
  const list = where === "onException" ? ", or a list of [ErrorClass, action]" : "";
  throw new TypeError(`${where} must be "raise", "end" or "ignore"${list}, not ${show(action)}`);
}

/** The policy, a list as a copy that later changes do not touch. */
function checkPolicy(policy: ErrorPolicy): ErrorPolicy {
  // Holes included, unlike with map().
  if (Array.isArray(policy)) return Array.from(policy, checkRule);
  checkAction("onException", policy);
  return policy;
}

function checkRule(rule: unknown, index: number): readonly [ErrorClass, ErrorAction] {
  if (!Array.isArray(rule) || rule.length !== 2 || typeof rule[0] !== "function") {
    const given = Array.isArray(rule) ? `[${Array.from(rule, show).join(", ")}]` : show(rule);
    throw new TypeError(
      `onException[${index}] must be a pair such as [RangeError, "ignore"], not ${given}`,
    );
  }
  const [type, action] = rule;
  if (!isClass(type)) {
    throw new TypeError(
      `onException[${index}] must begin with a class of errors, as [RangeError, "ignore"] does, ` +
        `not with ${show(type)}, which is no class`,
    );
  }
  checkAction(`The action of onException[${index}]`, action);
  return [type, action];
}
