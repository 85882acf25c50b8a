/** The pool's side of one batch under way: its calls, and what has become of them. @module */

import { timeOrigin } from "../../scheduling/_base/time.ts";
import type { Call, CallProgress } from "../../scheduling/executor.ts";
import { WorkerLostError } from "../../scheduling/errors.ts";
import { BatchMemory } from "../_wire/batch_memory.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import type { Outcome } from "../_wire/protocol.ts";
import type { SettledCall } from "./in_flight.ts";

/** A call whose arguments cannot be sent. */
export interface Refused {
  /** How many calls of the batch are sent before it. */
  readonly at: number;
  readonly settled: SettledCall;
}

/** Holds one batch at a time. */
export class SentBatch {
  readonly memory: BatchMemory = new BatchMemory();
  #calls: readonly Call[] = [];
  // Settled in their turn.
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

  /** Whether calls may be pending that another worker could run. */
  get hasPending(): boolean {
    const { begun } = this.memory;
    return begun < this.#calls.length && this.#calls[begun]?.transfer.length === 0;
  }

  /** Whether calls have ended, or could not be sent, and were not collected. */
  get hasSettled(): boolean {
    const { done } = this.memory;
    const [refused] = this.#refused;
    return done > this.#collected || (refused !== undefined && refused.at <= done);
  }

  /** Whether all calls have ended, though the worker may not have said so yet. */
  get finished(): boolean {
    return this.memory.done === this.#calls.length;
  }

  /** Whether a call is part of the batch and has not been collected. */
  holds(call: Call): boolean {
    return this.#calls.indexOf(call, this.#collected) >= 0;
  }

  /** The call that has started and not ended. */
  get running(): Call | undefined {
    const { done } = this.memory;
    return this.memory.begun > done ? this.#calls[done] : undefined;
  }

  /** The call that has started and not ended, after `takeBackPending()` and `collect()`. */
  get unfinished(): Call | undefined {
    return this.#calls[this.#collected];
  }

  /** The call at an index, if it was not collected. */
  at(index: number): Call | undefined {
    return index < this.#collected ? undefined : this.#calls[index];
  }

  /** How far a call is that has started and was not collected. */
  progress(call: Call): CallProgress | undefined {
    const { begun, done } = this.memory;
    for (let index = this.#collected; index < begun; index++) {
      if (this.#calls[index] !== call) continue;
      return { startedAt: onThisClock(this.memory.time(index)), ended: index < done };
    }
    return undefined;
  }

  /** Takes out the calls that have not started, and in their places those that cannot be sent. */
  takeBackPending(): Call[] {
    const begun = this.memory.closeClaims();
    const pending = this.#calls.slice(begun);
    this.#calls = this.#calls.slice(0, begun);
    const among = this.#refused.filter(({ at }) => at >= begun);
    this.#refused = this.#refused.filter(({ at }) => at < begun);
    for (const { at, settled } of among.toReversed()) pending.splice(at - begun, 0, settled.call);
    return pending;
  }

  /** Takes out the calls that have ended; `nextMessage` gives the outcomes that memory cannot hold. */
  collect(nextMessage: () => Outcome | undefined): SettledCall[] {
    const settled: SettledCall[] = [];
    for (const { done } = this.memory; this.#collected < done; this.#collected++) {
      const index = this.#collected;
      if (this.#refused.length > 0) settled.push(...this.#takeRefused(index));
      const call = this.#calls[index];
      const kept = this.memory.outcome(index);
      const outcome: Outcome = kept === undefined
        ? nextMessage() ?? missingOutcome()
        : { ok: true, ...kept };
      const began = this.memory.time(index);
      const duration = this.memory.time(index + 1) - began;
      if (call !== undefined) {
        settled.push({ call, outcome, startedAt: onThisClock(began), duration });
      }
    }
    if (this.#refused.length > 0) settled.push(...this.#takeRefused(this.#collected));
    return settled;
  }

  #takeRefused(at: number): SettledCall[] {
    const due = this.#refused.filter((refused) => refused.at <= at);
    this.#refused = this.#refused.slice(due.length);
    return due.map(({ settled }) => settled);
  }

  /** Lets go of a batch that the worker has finished. */
  clear(): void {
    this.#calls = [];
    this.#collected = 0;
  }
}

// A task can close the ports of its worker, or take their messages.
function missingOutcome(): Outcome {
  const error = new WorkerLostError("The worker did not deliver the outcome of the call", "died");
  return { ok: false, error: toErrorRecord(error) };
}

function onThisClock(time: number): number {
  return time - timeOrigin;
}
