/** Whether the calls of an ending run wait for each other without end. @module */

import { hasFutures } from "./held_calls.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** `"held"`: no call goes on unless a plugin lets one go. */
export type Standstill = "no" | "held" | "yes";

/**
 * Whether all calls wait for the main thread, or for calls that do: for their workers, or for their futures.
 * `isBlocked` is whether a call waits for the main thread, `areWorkersBlocked` whether no worker is left.
 */
export function standstillOf(
  calls: Iterable<ScheduledCall>,
  isBlocked: (call: ScheduledCall) => boolean,
  areWorkersBlocked: boolean,
): Standstill {
  let standstill: Standstill = "yes";
  for (const call of calls) {
    if (isBlocked(call)) continue;
    if (call.place === "held") {
      if (!hasFutures(call.args)) standstill = "held";
    } else if (call.place !== "executor" || !areWorkersBlocked) {
      return "no";
    }
  }
  return standstill;
}
