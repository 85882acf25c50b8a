/** Calls that are held back until the futures among their arguments have settled. @module */

import { Fifo } from "../_base/fifo.ts";
import { setImmediate } from "../_base/time.ts";
import type { ScheduledCall } from "./scheduled_call.ts";
import { type Future, isFuture, outcomeOf } from "../future.ts";

/** Acts on calls that need not be held any longer. */
export interface HeldCallsObserver {
  /** Whether the end of the run is decided and `finishing` not yet emitted: calls stay held. */
  readonly ending: boolean;
  /** The results of its futures are the arguments of the call now. */
  released(call: ScheduledCall): void;
  /** A future among its arguments has failed or was cancelled. */
  argumentFailed(call: ScheduledCall, error: unknown): void;
}

/** Whether there is a future among the arguments of a call. */
export function hasFutures(args: readonly unknown[]): boolean {
  for (const arg of args) if (isFuture(arg)) return true;
  return false;
}

/** The futures among the arguments of a call, with the positions at which they were met first. */
export function futuresOf(args: readonly unknown[]): Map<Future, number> {
  const futures = new Map<Future, number>();
  for (const [index, arg] of args.entries()) {
    if (isFuture(arg) && !futures.has(arg)) futures.set(arg, index);
  }
  return futures;
}

/**
 * The held calls of a scheduler. Each is released once; a chain of them, however long, is released in a
 * loop, because recursion would end at the size of the stack.
 */
export class HeldCalls {
  readonly #observer: HeldCallsObserver;
  readonly #waiting = new Map<Future, Set<ScheduledCall>>();
  readonly #unsettledCounts = new Map<ScheduledCall, number>();
  readonly #ready = new Fifo<ScheduledCall>();
  #isReleasing = false;

  constructor(observer: HeldCallsObserver) {
    this.#observer = observer;
  }

  /** Releases a call at once if all its futures have results, else when they have. */
  hold(call: ScheduledCall): void {
    const futures = [...futuresOf(call.args).keys()];
    const unsettled = futures.filter((future) => outcomeOf(future) === undefined);
    if (futures.some(hasFailed)) {
      this.#ready.push(call);
      // Not inside of submit(): code that submits again on each failure would recurse forever.
      setImmediate(() => this.release());
    } else if (unsettled.length === 0) {
      this.#advance(call);
    } else {
      this.#unsettledCounts.set(call, unsettled.length);
      for (const future of unsettled) this.#waitFor(future, call);
    }
  }

  /** A future has settled. */
  settled(future: Future): void {
    const calls = this.#waiting.get(future);
    if (calls === undefined) return;
    this.#waiting.delete(future);
    for (const call of calls) {
      call.owner?.awaitedTasks.remove(future.taskName);
      const left = (this.#unsettledCounts.get(call) ?? 0) - 1;
      if (left > 0 && !hasFailed(future)) {
        this.#unsettledCounts.set(call, left);
      } else {
        this.remove(call);
        this.#ready.push(call);
      }
    }
    this.release();
  }

  /** Lets go of a call. */
  remove(call: ScheduledCall): void {
    if (!this.#unsettledCounts.delete(call)) return;
    for (const future of futuresOf(call.args).keys()) {
      const calls = this.#waiting.get(future);
      if (calls?.delete(call)) call.owner?.awaitedTasks.remove(future.taskName);
      if (calls?.size === 0) this.#waiting.delete(future);
    }
  }

  /** Acts on the calls that need not be held any longer. */
  release(): void {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    while (this.#ready.size > 0 && !this.#observer.ending) {
      const call = this.#ready.shift();
      if (call !== undefined && !call.settled) this.#advance(call);
    }
    this.#isReleasing = false;
  }

  #waitFor(future: Future, call: ScheduledCall): void {
    call.owner?.awaitedTasks.add(future.taskName);
    const calls = this.#waiting.get(future);
    if (calls === undefined) this.#waiting.set(future, new Set([call]));
    else calls.add(call);
  }

  #advance(call: ScheduledCall): void {
    for (const future of futuresOf(call.args).keys()) {
      if (hasFailed(future)) return this.#observer.argumentFailed(call, future.exception);
    }
    call.args = call.args.map((arg) => isFuture(arg) ? arg.result : arg);
    this.#observer.released(call);
  }
}

function hasFailed(future: Future): boolean {
  const outcome = outcomeOf(future);
  return outcome !== undefined && "exception" in outcome;
}
