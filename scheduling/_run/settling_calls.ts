/** Calls whose function has ended, and which plugins are asked about before they settle. @module */

import { setImmediate } from "../_base/time.ts";
import type { Verdict } from "../_plugins/settlement.ts";
import type { CallOutcome } from "../plugin.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** What a call ended with; `isInherited`: with the error of another call. */
export interface CallEnd {
  readonly outcome: CallOutcome;
  readonly isInherited: boolean;
}

/** Acts on what plugins have decided. */
export interface SettlingCallsObserver {
  /** Whether the call was asked to end. */
  wasAskedToEnd(call: ScheduledCall): boolean;
  /** Whether decisions wait. */
  mustWait(call: ScheduledCall): boolean;
  /** The call settles with its outcome. */
  settle(call: ScheduledCall, end: CallEnd): void;
  /** The call waits for its next attempt, and counts as pending. */
  suspended(call: ScheduledCall): void;
  /** The next attempt of the call is due. */
  retry(call: ScheduledCall): void;
}

/** Asks the plugins of a task what becomes of its calls. */
export class SettlingCalls {
  readonly #observer: SettlingCallsObserver;

  constructor(observer: SettlingCallsObserver) {
    this.#observer = observer;
  }

  /** Settles a call, unless its plugins hold it or have it tried again. */
  ask(call: ScheduledCall, end: CallEnd): void {
    const { future, owner } = call;
    call.place = "settling";
    const verdict = owner?.plugins.preSettle(
      future,
      end.outcome,
      this.#canRetry(call, end),
      (forRetry) => this.#wait(call, forRetry),
    ) ?? "settle";
    if (typeof verdict === "string") this.#decide(call, end, verdict);
    else verdict.then((verdict) => this.#decide(call, end, verdict));
  }

  // Transferred arguments are gone, and a future or a hold that failed would fail again.
  #canRetry(call: ScheduledCall, { isInherited }: CallEnd): boolean {
    return call.transfer.length === 0 && !isInherited && !this.#observer.wasAskedToEnd(call);
  }

  #wait(call: ScheduledCall, forRetry: boolean): void {
    if (call.settled) return;
    call.place = forRetry ? "held" : "settling";
    if (!forRetry) return call.endHeld();
    call.ended();
    this.#observer.suspended(call);
  }

  #decide(call: ScheduledCall, end: CallEnd, verdict: Verdict): void {
    if (call.settled) return;
    if (this.#observer.mustWait(call)) {
      return void setImmediate(() => this.#decide(call, end, verdict));
    }
    call.inContext(() => {
      if (verdict === "retry") this.#observer.retry(call);
      else this.#observer.settle(call, end);
    });
  }
}
