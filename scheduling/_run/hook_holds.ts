/** Calls that plugins hold back by `after`. @module */

import { isTurn, LEFT, TAKE, type Turn } from "../_plugins/turn.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** Acts on calls that no plugin holds any longer. */
export interface HookHoldsObserver {
  /** All holds of the call have let it through. */
  passed(call: ScheduledCall): void;
  /** A hold of the call has rejected. */
  hookFailed(call: ScheduledCall, error: unknown): void;
}

/** The calls of a scheduler that plugins hold back. */
export class HookHolds {
  readonly #observer: HookHoldsObserver;
  readonly #held = new Set<ScheduledCall>();

  constructor(observer: HookHoldsObserver) {
    this.#observer = observer;
  }

  /** Awaits the promises of a call, then its turns: a call must not take turns while it waits. */
  async hold(call: ScheduledCall): Promise<void> {
    this.#held.add(call);
    const promises = call.hooks?.after.filter((hold) => !isTurn(hold)) ?? [];
    try {
      if (promises.length > 0) await Promise.all(promises);
    } catch (error) {
      if (this.#held.delete(call)) this.#observer.hookFailed(call, error);
      return;
    }
    // A call that is settled without a worker takes no turn.
    const turns = call.hooks?.settled === undefined ? call.hooks?.after.filter(isTurn) : [];
    this.#take(call, turns ?? []);
  }

  /** Lets go of a call, which has left the executor or is settled. */
  left(call: ScheduledCall): void {
    this.#held.delete(call);
    for (const hold of call.hooks?.after ?? []) if (isTurn(hold)) hold[LEFT]();
  }

  #take(call: ScheduledCall, [turn, ...others]: readonly Turn[]): void {
    if (!this.#held.has(call)) return;
    if (turn !== undefined) return turn[TAKE](() => this.#take(call, others));
    this.#held.delete(call);
    this.#observer.passed(call);
  }
}
