/**
 * Options of `future.cancel()`.
 *
 * @module
 */

import { checkDuration, ownOptions } from "./_base/check.ts";

/**
 * Options of `future.cancel()`.
 *
 * @example Ask a call to end, and give it a second
 * ```ts
 * import { type CancelOptions, Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: CancelOptions = { grace: 1000, reason: "a better one was found" };
 * const scheduler = Scheduler.withWorkers(1);
 * const count = scheduler.task((comm: WorkerComm<{ sent: string }>) => {
 *   comm.send("begins");
 *   let n = 0;
 *   do n++; while (!comm.signal.aborted);
 *   return n > 0;
 * }, { plugins: new Comm() });
 * count.on("comm-message", (future) => future.cancel(options));
 * scheduler.onStart(async () => assertEquals(await count.submit(), true));
 * await scheduler.run();
 * ```
 *
 * @category Tasks
 */
export interface CancelOptions {
  /** How many milliseconds a running call with `Comm` has to end on its own. @default {0} */
  grace?: number | undefined;
  /**
   * The reason of `comm.signal`, and the `cause` of the error if the call is cancelled. By default an
   * `AbortError`, and none.
   */
  reason?: unknown;
}

/** The checked options. */
export function checkCancelOptions(options: CancelOptions): CancelOptions {
  const own = ownOptions("cancel()", options, ["grace", "reason"]);
  if (own.grace !== undefined) checkDuration("grace", own.grace);
  return own;
}
