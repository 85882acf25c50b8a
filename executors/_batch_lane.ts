/** The pool's side of one batch under way: whose calls they are, and what has become of them. @module */

import type { Call } from "../scheduling/executor.ts";
import { LaneMemory } from "./_lane_memory.ts";
import type { Outcome } from "./_protocol.ts";

// Asked for once, as it is slow.
const TIME_ORIGIN = performance.timeOrigin;

/** A call that has ended, and how. */
export interface Ended {
  readonly call: Call;
  readonly outcome: Outcome;
  /** When it began, on the clock of `performance.now()`, if that was not reported. */
  readonly startedAt: number | undefined;
  /** How many milliseconds it took, if that was measured. */
  readonly duration?: number;
}

/** One batch at a time. */
export class BatchLane {
  readonly memory: LaneMemory = new LaneMemory();
  #calls: readonly Call[] = [];
  #collected = 0;
  #sentAt = 0;

  /** Takes the calls of a batch that is about to be sent. */
  load(calls: readonly Call[], now: number): void {
    this.#calls = calls;
    this.#collected = 0;
    this.#sentAt = now;
    this.memory.open(calls.length);
  }

  /** When the batch was sent. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** Whether calls of it may not have begun that could be sent elsewhere, or were not collected. */
  get hasWaiting(): boolean {
    const { begun, done } = this.memory;
    if (done > this.#collected) return true;
    return begun < this.#calls.length && this.#calls[begun]?.transfer.length === 0;
  }

  /** Whether a call is part of it and has not been collected. */
  holds(call: Call): boolean {
    return this.#calls.indexOf(call, this.#collected) >= 0;
  }

  /** The call that has begun and not ended. */
  get running(): Call | undefined {
    const { done } = this.memory;
    return this.memory.begun > done ? this.#calls[done] : undefined;
  }

  /** The call that has begun and was not collected, after `cut()` and `collect()`. */
  get unfinished(): Call | undefined {
    return this.#calls[this.#collected];
  }

  /** The call at a place, if it was not collected. */
  at(index: number): Call | undefined {
    return index < this.#collected ? undefined : this.#calls[index];
  }

  /** When the running call began, on the clock of `performance.now()`. */
  get runningSince(): number {
    return onThisClock(this.memory.time(this.memory.done));
  }

  /** Takes back the calls that have not begun. */
  cut(): Call[] {
    const begun = this.memory.cut();
    const waiting = this.#calls.slice(begun);
    this.#calls = this.#calls.slice(0, begun);
    return waiting;
  }

  /** The calls that have ended since this was asked before; messages tell what memory cannot hold. */
  collect(nextMessage: () => Outcome): Ended[] {
    const ended: Ended[] = [];
    for (const { done } = this.memory; this.#collected < done; this.#collected++) {
      const index = this.#collected;
      const call = this.#calls[index];
      const kept = this.memory.outcome(index);
      const outcome = typeof kept === "string" ? nextMessage() : { ok: true, ...kept } as const;
      const began = this.memory.time(index);
      const duration = this.memory.time(index + 1) - began;
      if (call !== undefined) {
        ended.push({ call, outcome, startedAt: onThisClock(began), duration });
      }
    }
    return ended;
  }

  /** Lets go of a batch that the worker is through with. */
  clear(): void {
    this.#calls = [];
    this.#collected = 0;
  }
}

function onThisClock(time: number): number {
  return time - TIME_ORIGIN;
}
