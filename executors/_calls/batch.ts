/** The pool's view of one batch in flight: its calls and their outcomes. @module */

import { timeOrigin } from "../../scheduling/_base/time.ts";
import type { Call, CallProgress } from "../../scheduling/executor.ts";
import { WorkerLostError } from "../../scheduling/errors.ts";
import type { SentProgress } from "../_progress/progress.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import type { Outcome } from "../_wire/protocol.ts";
import type { SettledCall } from "./in_flight.ts";

/** Holds one batch at a time. */
export class SentBatch {
  readonly #progress: SentProgress;
  #calls: readonly Call[] = [];
  #refused: readonly (SettledCall | undefined)[] = [];
  #collected = 0;
  #sentAt = 0;
  #waitsForAnswer = false;

  constructor(progress: SentProgress) {
    this.#progress = progress;
  }

  /** Takes the calls of a batch. `refused` holds those that cannot be sent, by index; they settle in turn. */
  load(calls: readonly Call[], refused: readonly (SettledCall | undefined)[], now: number): void {
    this.#calls = calls;
    this.#refused = refused;
    this.#collected = 0;
    this.#sentAt = now;
    // The messages of a call precede its outcome, and arrive like the answer.
    this.#waitsForAnswer = calls.some((call) => call.channel !== undefined);
    this.#progress.open(calls.length);
  }

  /** When the batch was sent. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** How many calls have not been collected. */
  get size(): number {
    return this.#calls.length - this.#collected;
  }

  /** Whether a call is pending that another worker could run. */
  get hasPending(): boolean {
    const { started } = this.#progress;
    return started < this.#calls.length && this.#calls[started]?.transfer.length === 0;
  }

  /** Whether the outcomes may be collected only when the answer to the batch has arrived. */
  get waitsForAnswer(): boolean {
    return this.#waitsForAnswer;
  }

  /** Whether ended calls can be collected that have not been. */
  get hasSettled(): boolean {
    return !this.#waitsForAnswer && this.#progress.done > this.#collected;
  }

  /** Whether all calls have ended, even if the answer is still in transit. */
  get finished(): boolean {
    return this.#progress.done === this.#calls.length;
  }

  /** The lowest priority of the calls, unless all have ended. */
  get lowestPriority(): number {
    return this.finished ? Infinity : this.#calls.at(-1)?.priority ?? Infinity;
  }

  /** The lowest priority of the pending calls, except for the first `spared` ones. */
  lowestPending(spared: number): number {
    const hasPending = this.#progress.started + spared < this.#calls.length;
    return hasPending ? this.lowestPriority : Infinity;
  }

  /** Whether calls have not started. */
  get hasUnstarted(): boolean {
    return this.#progress.started < this.#calls.length;
  }

  /** Whether a call belongs to the batch and has not been collected. */
  holds(call: Call): boolean {
    return this.#calls.indexOf(call, this.#collected) >= 0;
  }

  /** The running call. */
  get running(): Call | undefined {
    const { done } = this.#progress;
    return this.#progress.started > done ? this.#calls[done] : undefined;
  }

  /** The running call, after `takeBackPending()` and `collect()`. */
  get unfinished(): Call | undefined {
    return this.#calls[this.#collected];
  }

  /** The call at an index, unless it was collected. */
  at(index: number): Call | undefined {
    return index < this.#collected ? undefined : this.#calls[index];
  }

  /** The call at an index, even if it was collected. */
  callAt(index: number): Call | undefined {
    return this.#calls[index];
  }

  /** The progress of a call that has started and was not collected. */
  progress(call: Call): CallProgress | undefined {
    const index = this.#calls.indexOf(call, this.#collected);
    if (index < 0 || this.#refused[index] !== undefined) return undefined;
    const { started, done } = this.#progress;
    if (index >= started) return undefined;
    return { startedAt: onThisClock(this.#progress.time(index)), ended: index < done };
  }

  /** Takes out the pending calls from an index on, which the worker then cannot start. */
  takeBackPending(from = 0): Call[] {
    const end = this.#progress.closeClaims(from);
    const pending = this.#calls.slice(end);
    this.#calls = this.#calls.slice(0, end);
    return pending;
  }

  /** Takes out the pending calls of a lower priority, except for the first `spared` pending calls. */
  takeBackBelow(priority: number, spared: number): Call[] {
    // The calls of a batch have the order of the queue.
    const from = this.#calls.findIndex((call) => call.priority < priority);
    return from < 0 ? [] : this.takeBackPending(Math.max(from, this.#progress.started + spared));
  }

  /** Takes out the ended calls before an index; `takeOutput` takes what was printed until now. */
  collect(takeOutput: () => void, before: number = Infinity): SettledCall[] {
    const done = Math.min(this.#progress.done, before);
    // After the look at `done`, so that it includes all that these calls have printed.
    takeOutput();
    const ended = this.#calls.slice(this.#collected, done);
    const settled = ended.map((call, offset) => this.#settle(call, this.#collected + offset));
    this.#collected = done;
    return settled;
  }

  #settle(call: Call, index: number): SettledCall {
    const refused = this.#refused[index];
    if (refused !== undefined) return refused;
    const outcome = this.#progress.outcome(index) ?? missingOutcome();
    const start = this.#progress.time(index);
    const duration = this.#progress.time(index + 1) - start;
    return { call, outcome, startedAt: onThisClock(start), duration };
  }

  /** Drops a batch that the worker has finished. */
  clear(): void {
    this.#calls = [];
    this.#refused = [];
    this.#collected = 0;
  }
}

// A task can close the ports of its worker or swallow their messages.
function missingOutcome(): Outcome {
  const error = new WorkerLostError("The worker did not deliver the outcome of the call", "died");
  return { ok: false, error: toErrorRecord(error) };
}

function onThisClock(time: number): number {
  return time - timeOrigin;
}
