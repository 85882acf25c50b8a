/** Notices when the end of a run waits for calls that wait for the main thread. @module */

import { callAfter } from "../_base/time.ts";
import { hasFutures } from "./held_calls.ts";
import type { PendingCallbacks } from "./pending_callbacks.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

// A callback that handles a message may still answer, or a plugin let a call go.
const ANSWER_MS = 30_000;
// Another callback may do so, or it waits for the very call.
const CALLBACK_MS = 1000;

/** What the end of a run waits for. */
export interface AnswerWatchState {
  /** Whether a call waits for the main thread, and the run is finishing. */
  hasBlocked(): boolean;
  /** Whether all unsettled calls wait for the main thread, or for calls that do. */
  standstill(): Standstill;
  /** The pending async callbacks. */
  callbacks(): Pick<PendingCallbacks, "size" | "pendingAnswers">;
  /** Calls wait no longer. */
  release(): void;
}

/** Releases calls, once nobody can be expected to answer them. */
export class AnswerWatch {
  readonly #state: AnswerWatchState;
  #stopWaiting: (() => void) | undefined;

  constructor(state: AnswerWatchState) {
    this.#state = state;
  }

  /** Something has happened: a message, an answer, the end of a call or of a callback. */
  changed(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#state.hasBlocked()) this.#lookAfter(0);
  }

  // In a later turn, because a look costs O(calls).
  #lookAfter(ms: number, waited = 0): void {
    this.#stopWaiting = callAfter(ms - waited, () => {
      this.#stopWaiting = undefined;
      const standstill = this.#state.standstill();
      if (standstill === "no") return;
      const patience = this.#patience(standstill);
      if (patience > ms) this.#lookAfter(patience, ms);
      else this.#state.release();
    });
  }

  #patience(standstill: Standstill): number {
    const { size, pendingAnswers } = this.#state.callbacks();
    if (standstill === "held" || pendingAnswers > 0) return ANSWER_MS;
    return size > 0 ? CALLBACK_MS : 0;
  }
}

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
