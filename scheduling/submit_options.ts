/**
 * Options of one submission, by `task.with()`.
 *
 * @module
 */

import { checkFinite, checkSignal, ownOptions } from "./_base/check.ts";
import type { Submitter } from "./_submitter.ts";
import { type ResourceLimitsOptions, toLimits } from "./limit_options.ts";
import { type CallLimits, NO_LIMITS } from "./limits.ts";
import { checkTransferList } from "./transfer.ts";

/**
 * Options of one submission.
 *
 * @example Move a buffer
 * ```ts
 * import { Scheduler, type SubmitOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = new Float64Array([1, 2, 3]);
 * const options: SubmitOptions = { transfer: [numbers.buffer] };
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const sum = scheduler.task((xs: Float64Array) => xs.reduce((a, b) => a + b, 0));
 * const totals: number[] = [];
 * scheduler.onStart(() => {
 *   sum.with(options).submit(numbers);
 * });
 * sum.onResult((_future, total) => totals.push(total));
 * await scheduler.run();
 * assertEquals([totals, numbers.length], [[6], 0]);
 * ```
 *
 * @category Tasks
 */
export interface SubmitOptions {
  /** Cancels the future when aborted. */
  signal?: AbortSignal | undefined;
  /** Objects that move to the worker instead of being copied. */
  transfer?: readonly Transferable[] | undefined;
  /**
   * The priority of the call: any finite number. Of the queued calls, those of the highest priority
   * start first, and calls of equal priority in the order of submission. Running calls go on.
   *
   * @default {0}
   */
  priority?: number | undefined;
  /** The limits of the call. If a plugin sets the same limit, the tighter one applies. */
  limits?: ResourceLimitsOptions | undefined;
}

/** Checked options with their defaults. */
export type CheckedOptions = Pick<SubmitOptions, "signal" | "transfer"> & {
  readonly priority: number;
  readonly limits: CallLimits;
};

/** The options of a plain `task.submit()`. */
export const NO_OPTIONS: CheckedOptions = Object.freeze({
  signal: undefined,
  transfer: undefined,
  priority: 0,
  limits: NO_LIMITS,
});

/** Checks options, and that the executor honours them. */
export function checkOptions(options: SubmitOptions, submitter: Submitter): CheckedOptions {
  const own = ownOptions("with()", options, ["signal", "transfer", "priority", "limits"]);
  const { signal, transfer, priority = 0, limits } = own;
  if (signal !== undefined) checkSignal("signal", signal);
  if (transfer !== undefined) checkTransferList("transfer", transfer);
  checkFinite("priority", priority);
  if (priority !== 0) submitter.checkFeature("priority");
  return { signal, transfer, priority, limits: checkedLimits(limits, submitter) };
}

function checkedLimits(options: SubmitOptions["limits"], submitter: Submitter): CallLimits {
  if (options === undefined) return NO_LIMITS;
  const limits = toLimits("limits", options, "limits.");
  submitter.checkLimits(limits);
  return limits;
}
