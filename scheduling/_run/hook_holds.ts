/** Calls that plugins hold back, by `after` or before they start. @module */

import { isThenable } from "../_base/is_thenable.ts";
import type { StartAnswer } from "../_plugins/start.ts";
import { isTurn, LEFT, TAKE, type Turn } from "../_plugins/turn.ts";
import type { CallHooks, ScheduledCall } from "./scheduled_call.ts";

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

  /** Awaits the promises of a call, asks plugins, then takes turns: a call must not take one while it waits. */
  async hold(call: ScheduledCall): Promise<void> {
    this.#held.add(call);
    const { hooks } = call;
    const promises = hooks?.after.filter((hold) => !isTurn(hold)) ?? [];
    try {
      if (promises.length > 0) await Promise.all(promises);
      if (hooks?.asksToStart && this.#held.has(call)) {
        const answer = this.#ask(call, hooks);
        hooks.settled = isThenable(answer) ? await answer : answer;
      }
    } catch (error) {
      if (this.#held.delete(call)) this.#observer.hookFailed(call, error);
      return;
    }
    // A call that is settled without a worker takes no turn.
    const turns = hooks?.settled === undefined ? hooks?.after.filter(isTurn) : [];
    this.#take(call, turns ?? []);
  }

  /** Lets go of a call, which has left the executor or is settled. */
  left(call: ScheduledCall): void {
    this.#held.delete(call);
    for (const hold of call.hooks?.after ?? []) if (isTurn(hold)) hold[LEFT]();
  }

  #ask(call: ScheduledCall, hooks: CallHooks): StartAnswer | Promise<StartAnswer> {
    hooks.asksToStart = false;
    const { function: fn, submittedArgs: args, injectedArgs: injected } = call;
    const starting = { function: fn, args, injected };
    const isHeld = () => this.#held.has(call);
    return call.inContext(() => call.owner?.plugins.preStart(call.future, starting, isHeld));
  }

  #take(call: ScheduledCall, [turn, ...others]: readonly Turn[]): void {
    if (!this.#held.has(call)) return;
    if (turn !== undefined) return turn[TAKE](() => this.#take(call, others));
    this.#held.delete(call);
    this.#observer.passed(call);
  }
}
