/**
 * Limits of time and memory for a call.
 *
 * @module
 */

import { checkCount, checkDuration, isPlainObject, ownOptions, show } from "./_base/check.ts";
import { CpuTimeLimitError, LimitError, MemoryLimitError, WallTimeLimitError } from "./errors.ts";

/**
 * Limits of time and memory for a call. Each counts from the moment at which a worker takes the
 * call, so loading the module of the function counts too.
 *
 * @example A plugin that sets a limit
 * ```ts
 * import { type AnyPlugin, type CallLimits, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const limits: CallLimits = { wallTime: 1000 };
 * const oneSecond: AnyPlugin = {
 *   name: "one-second",
 *   attachTask: (task) => task.checkLimits(limits),
 *   preSubmit: (submission) => ({ ...submission, limits }),
 * };
 * assertThrows(() => Scheduler.withSequential().task(() => 1, { plugins: oneSecond }), TypeError);
 * const task = Scheduler.withWorkers(1).task(() => 1, { plugins: oneSecond });
 * assertEquals(task.plugins, [oneSecond]);
 * ```
 *
 * @category Plugins
 */
export interface CallLimits {
  /** Elapsed milliseconds. */
  readonly wallTime?: number | undefined;
  /** Milliseconds of CPU time of its process, of all threads together. */
  readonly cpuTime?: number | undefined;
  /** Bytes by which the memory of its process may grow. */
  readonly memory?: number | undefined;
}

/**
 * The name of a limit.
 *
 * @example The limits that an executor enforces
 * ```ts
 * import { type LimitName, WebWorkerExecutor } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const enforced: readonly LimitName[] = new WebWorkerExecutor(1).limits;
 * assertEquals(enforced, ["wallTime"]);
 * ```
 *
 * @category Plugins
 */
export type LimitName = keyof CallLimits;

/** The `memory` of limits as the user wrote it, for messages. */
export const memoryTexts: WeakMap<CallLimits, string> = new WeakMap();

/** No limits, shared by most calls. */
export const NO_LIMITS: CallLimits = Object.freeze(Object.create(null));

const ERRORS: Readonly<Record<LimitName, new (...args: never[]) => LimitError>> = {
  wallTime: WallTimeLimitError,
  cpuTime: CpuTimeLimitError,
  memory: MemoryLimitError,
};
const CHECKS: Readonly<Record<LimitName, (where: string, value: unknown) => void>> = {
  wallTime: checkDuration,
  cpuTime: checkDuration,
  memory: checkCount,
};

/** A copy of the limits without a prototype; throws unless they are a record of limits. */
export function checkLimits(limits: CallLimits): CallLimits {
  if (limits === NO_LIMITS) return limits;
  if (!isPlainObject(limits)) throw new TypeError(`limits must be an object, not ${show(limits)}`);
  const own = Object.getPrototypeOf(limits) === null
    ? limits
    : ownOptions("limits", limits, Object.keys(CHECKS));
  for (const name of limitNames(own)) CHECKS[name](`limits.${name}`, own[name]);
  const text = memoryTexts.get(limits);
  if (text !== undefined) memoryTexts.set(own, text);
  return own;
}

// Distinguishes them from limit errors that functions throw themselves.
const ofReachedLimits = new WeakSet<LimitError>();

/** Notes what a call failed with, if it is the error of one of its limits. */
export function noteFailure(limits: CallLimits, error: unknown): void {
  if (limits === NO_LIMITS || !(error instanceof LimitError)) return;
  const reached = limitNames(limits).some((name) =>
    error instanceof ERRORS[name] && error.limit === limits[name]
  );
  if (reached) ofReachedLimits.add(error);
}

/** Whether a call failed with this error because it reached a limit. */
export function isOfReachedLimit(error: unknown): boolean {
  return error instanceof LimitError && ofReachedLimits.has(error);
}

/** The names of the limits that are set. */
export function limitNames(limits: CallLimits): LimitName[] {
  return (Object.keys(limits) as LimitName[]).filter((name) => limits[name] !== undefined);
}
