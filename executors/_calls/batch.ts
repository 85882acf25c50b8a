/** The pool's side of one batch under way: whose calls they are, and what has become of them. @module */

import type { Call, CallProgress } from "../../scheduling/executor.ts";
import { WorkerLostError } from "../../scheduling/errors.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import { LaneMemory } from "../_wire/batch_memory.ts";
import type { Outcome } from "../_wire/protocol.ts";

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

/** A call whose arguments cannot be sent. */
export interface Refused {
  /** How many calls before it are sent. */
  readonly at: number;
  readonly ended: Ended;
}

/** One batch at a time. */
export class BatchLane {
  readonly memory: LaneMemory = new LaneMemory();
  #calls: readonly Call[] = [];
  // Told in their turn.
  #refused: readonly Refused[] = [];
  #collected = 0;
  #sentAt = 0;

  /** Takes the calls of a batch that is about to be sent, and those that cannot be. */
  load(calls: readonly Call[], refused: readonly Refused[], now: number): void {
    this.#calls = calls;
    this.#refused = refused;
    this.#collected = 0;
    this.#sentAt = now;
    this.memory.open(calls.length);
  }

  /** When the batch was sent. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** Whether calls of it may not have begun that could be sent elsewhere. */
  get hasWaiting(): boolean {
    const { begun } = this.memory;
    return begun < this.#calls.length && this.#calls[begun]?.transfer.length === 0;
  }

  /** Whether calls of it have ended, or could not be sent, and were not collected. */
  get hasEnded(): boolean {
    const { done } = this.memory;
    const [refused] = this.#refused;
    return done > this.#collected || (refused !== undefined && refused.at <= done);
  }

  /** Whether the worker is through with it, though it may not have said so yet. */
  get isThrough(): boolean {
    return this.memory.done === this.#calls.length;
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

  /** How far a call is that has begun and was not collected. */
  progress(call: Call): CallProgress | undefined {
    const { begun, done } = this.memory;
    for (let index = this.#collected; index < begun; index++) {
      if (this.#calls[index] !== call) continue;
      return { startedAt: onThisClock(this.memory.time(index)), ended: index < done };
    }
    return undefined;
  }

  /** Takes back the calls that have not begun, and in their places those that cannot be sent. */
  cut(): Call[] {
    const begun = this.memory.cut();
    const waiting = this.#calls.slice(begun);
    this.#calls = this.#calls.slice(0, begun);
    const among = this.#refused.filter(({ at }) => at >= begun);
    this.#refused = this.#refused.filter(({ at }) => at < begun);
    for (const { at, ended } of among.toReversed()) waiting.splice(at - begun, 0, ended.call);
    return waiting;
  }

  /** The calls that have ended since this was asked before; messages tell what memory cannot hold. */
  collect(nextMessage: () => Outcome | undefined): Ended[] {
    const ended: Ended[] = [];
    for (const { done } = this.memory; this.#collected < done; this.#collected++) {
      const index = this.#collected;
      if (this.#refused.length > 0) ended.push(...this.#takeRefused(index));
      const call = this.#calls[index];
      const kept = this.memory.outcome(index);
      const outcome: Outcome = kept === undefined
        ? nextMessage() ?? notTold()
        : { ok: true, ...kept };
      const began = this.memory.time(index);
      const duration = this.memory.time(index + 1) - began;
      if (call !== undefined) {
        ended.push({ call, outcome, startedAt: onThisClock(began), duration });
      }
    }
    if (this.#refused.length > 0) ended.push(...this.#takeRefused(this.#collected));
    return ended;
  }

  #takeRefused(at: number): Ended[] {
    const due = this.#refused.filter((refused) => refused.at <= at);
    this.#refused = this.#refused.slice(due.length);
    return due.map(({ ended }) => ended);
  }

  /** Lets go of a batch that the worker is through with. */
  clear(): void {
    this.#calls = [];
    this.#collected = 0;
  }
}

// A task may do what it likes to the ports of its worker.
function notTold(): Outcome {
  const error = new WorkerLostError("What the call came to was not told by its worker", "died");
  return { ok: false, error: toErrorRecord(error) };
}

function onThisClock(time: number): number {
  return time - TIME_ORIGIN;
}
