/**
 * What a call passes on its way to the executor.
 *
 * ```text
 *  start() ──▶ HeldCalls ──▶ HookHolds ───▶ executor
 *               futures   `after`, `preStart`  │ `preSettle`: retry
 *                  ▲                           │
 *                  └───────────────────────────┘
 * ```
 *
 * @module
 */

import { setImmediate } from "../_base/time.ts";
import { type Future, restartFuture } from "../future.ts";
import type { GuardedExecutor } from "./guarded_executor.ts";
import { HeldCalls, type HeldCallsObserver } from "./held_calls.ts";
import { HookHolds, type HookHoldsObserver } from "./hook_holds.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** Acts on calls that do not reach the executor. */
export interface CallStartsObserver {
  /** Whether the end of the run is decided and `finishing` not yet emitted. */
  readonly ending: boolean;
  /** Whether calls go to the executor. */
  readonly sends: boolean;
  /** Whether reports about a call wait. */
  mustWait(call: ScheduledCall): boolean;
  /** A call is about to be sent. */
  sending(call: ScheduledCall): void;
  /** A future among the arguments of a call failed, or a hold of a plugin, whose error is yet to judge. */
  startFailed(call: ScheduledCall, error: unknown, byHook: boolean): void;
  /** A call is to be cancelled, because the run ends. */
  cancelAtEnd(call: ScheduledCall): void;
}

/** Holds calls back, and sends them to the executor. */
export class CallStarts implements HeldCallsObserver, HookHoldsObserver {
  readonly #executor: GuardedExecutor;
  readonly #observer: CallStartsObserver;
  readonly #held = new HeldCalls(this);
  readonly #hookHolds = new HookHolds(this);

  constructor(executor: GuardedExecutor, observer: CallStartsObserver) {
    this.#executor = executor;
    this.#observer = observer;
  }

  get ending(): boolean {
    return this.#observer.ending;
  }

  /** Sends a call that is neither held nor sent, as soon as it may be sent. */
  start(call: ScheduledCall): void {
    if (call.place !== "new") return;
    if (!call.awaitsFutures && call.hooks === undefined) return this.#executor.submit(call);
    call.place = "held";
    if (call.awaitsFutures) this.#held.hold(call);
    else this.released(call);
  }

  /** Starts the next attempt of a call. */
  retry(call: ScheduledCall): void {
    restartFuture(call.future);
    call.place = "new";
    if (this.#observer.sends) this.start(call);
    else this.#observer.cancelAtEnd(call);
  }

  /** A future has settled. */
  settled(future: Future): void {
    this.#held.settled(future);
  }

  /** Acts on what was put off while the run was ending. */
  release(): void {
    this.#held.release();
  }

  /** A call has left the executor, or is settled. */
  left(call: ScheduledCall): void {
    if (call.awaitsFutures) this.#held.remove(call);
    if (call.hooks !== undefined) this.#hookHolds.left(call);
  }

  argumentFailed(call: ScheduledCall, error: unknown): void {
    call.inContext(() => this.#observer.startFailed(call, error, false));
  }

  released(call: ScheduledCall): void {
    if (call.hooks === undefined) this.passed(call);
    else this.#hookHolds.hold(call);
  }

  passed(call: ScheduledCall): void {
    const settled = call.hooks?.settled;
    if (settled !== undefined) setImmediate(() => call.succeed(settled.result));
    else if (this.#observer.sends) call.inContext(() => this.#send(call));
    // The end of the run decides what becomes of pending calls.
    else call.place = "new";
  }

  #send(call: ScheduledCall): void {
    try {
      this.#observer.sending(call);
    } catch (error) {
      return this.hookFailed(call, error);
    }
    this.#executor.submit(call);
  }

  hookFailed(call: ScheduledCall, error: unknown): void {
    if (this.#observer.mustWait(call)) {
      setImmediate(() => this.hookFailed(call, error));
    } else if (!call.settled) {
      call.inContext(() => this.#observer.startFailed(call, error, true));
    }
  }
}
