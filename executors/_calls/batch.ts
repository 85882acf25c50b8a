/** The pool's view of one batch in flight: its calls and their outcomes. @module */

import { now, timeOrigin } from "../../scheduling/_base/time.ts";
import type { Call, CallProgress } from "../../scheduling/executor.ts";
import { WorkerLostError } from "../../scheduling/errors.ts";
import type { SentProgress } from "../_progress/progress.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import type { Outcome } from "../_wire/protocol.ts";
import type { SettledCall } from "./in_flight.ts";

// A batch with no started call may still be in transit if it is large: wait longer before another worker
// takes its calls, and each time it has, because all of it crosses again.
const IN_TRANSIT_MS = 100;
const SLOWER_EACH_TIME = 8;

// How often calls were taken back from a batch that was stuck.
const moves = new WeakMap<Call, number>();

/** Holds one batch at a time. */
export class SentBatch {
  /** What is known of it. */
  readonly progress: SentProgress;
  /** The number of the message that has sent it. */
  messageNumber = 0;
  /** Whether its answer has arrived, so that later reports concern another batch. */
  answered = false;
  #calls: readonly Call[] = [];
  #refused: readonly (SettledCall | undefined)[] = [];
  #collected = 0;
  #sentAt = 0;
  #waitsForAnswer = false;

  constructor(progress: SentProgress) {
    this.progress = progress;
  }

  /** Takes the calls of a batch. `refused` holds those that cannot be sent, by index; they settle in turn. */
  load(
    calls: readonly Call[],
    refused: readonly (SettledCall | undefined)[],
    sentAt: number,
  ): void {
    this.#calls = calls;
    this.#refused = refused;
    this.#collected = 0;
    this.#sentAt = sentAt;
    this.answered = false;
    // The messages of a call precede its outcome, and arrive like the answer.
    this.#waitsForAnswer = calls.some((call) => call.channel !== undefined);
    this.progress.open(calls.length);
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
    const { started } = this.progress;
    return started < this.#calls.length && this.#calls[started]?.transfer.length === 0;
  }

  /** Milliseconds from when on a batch that has not begun counts as stuck on its way. */
  get patience(): number {
    const next = this.#calls[this.progress.started];
    return IN_TRANSIT_MS * SLOWER_EACH_TIME ** (next === undefined ? 0 : movesOf(next));
  }

  /** Whether the outcomes may be collected only when the answer to the batch has arrived. */
  get waitsForAnswer(): boolean {
    return this.#waitsForAnswer;
  }

  /** Whether ended calls have not been collected. Their outcomes may still be in transit. */
  get hasSettled(): boolean {
    return !this.#waitsForAnswer && this.progress.ended > this.#collected;
  }

  /** Whether all calls have ended, even if the answer is still in transit. */
  get finished(): boolean {
    return this.progress.ended === this.#calls.length;
  }

  /** The lowest priority of the calls, unless all have ended. */
  get lowestPriority(): number {
    return this.finished ? Infinity : this.#calls.at(-1)?.priority ?? Infinity;
  }

  /** The lowest priority of the pending calls, except for the first `spared` ones. */
  lowestPending(spared: number): number {
    const hasPending = this.progress.started + spared < this.#calls.length;
    return hasPending ? this.lowestPriority : Infinity;
  }

  /** Whether calls have not started. */
  get hasUnstarted(): boolean {
    return this.progress.started < this.#calls.length;
  }

  /** Whether a call belongs to the batch and has not been collected. */
  holds(call: Call): boolean {
    return this.#calls.indexOf(call, this.#collected) >= 0;
  }

  /** The running call. */
  get running(): Call | undefined {
    const index = this.runningIndex;
    return index === undefined ? undefined : this.#calls[index];
  }

  /** The index of the running call. */
  get runningIndex(): number | undefined {
    const { ended } = this.progress;
    return this.progress.started > ended ? ended : undefined;
  }

  /** The first call that was not collected. */
  get unfinished(): Call | undefined {
    return this.#calls[this.#collected];
  }

  /** Takes out the running call, after `collect()`; undefined if it is not certain which one that is. */
  takeRunning(): Call | undefined {
    const { started, ended } = this.progress;
    const isCertain = started === this.#collected + 1 && ended < started;
    return isCertain ? this.#calls[this.#collected++] : undefined;
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
  progressOf(call: Call): CallProgress | undefined {
    const index = this.#calls.indexOf(call, this.#collected);
    if (index < 0 || this.#refused[index] !== undefined) return undefined;
    const { started, ended } = this.progress;
    if (index >= started) return undefined;
    return { startedAt: this.#timeOf(index, now()), ended: index < ended };
  }

  /** Takes out the pending calls from an index on, which the worker then cannot start. */
  takeBackPending(from = 0): Call[] {
    const end = this.progress.closeClaims(from);
    const pending = this.#calls.slice(end);
    // Not those that are taken back early, for example because another call is cancelled.
    const wasStuck = end === 0 && now() - this.#sentAt >= this.patience;
    this.#calls = this.#calls.slice(0, end);
    if (wasStuck) { for (const call of pending) moves.set(call, movesOf(call) + 1); }
    return pending;
  }

  /** Takes out the pending calls of a lower priority, except for the first `spared` pending calls. */
  takeBackBelow(priority: number, spared: number): Call[] {
    // The calls of a batch have the order of the queue.
    const from = this.#calls.findIndex((call) => call.priority < priority);
    return from < 0 ? [] : this.takeBackPending(Math.max(from, this.progress.started + spared));
  }

  /** Takes out the ended calls before an index; `takeOutput` takes what was printed until now. */
  collect(takeOutput: () => void, before: number = Infinity): SettledCall[] {
    const done = Math.min(this.progress.done, before);
    // After the look at `done`, so that it includes all that these calls have printed.
    takeOutput();
    const ended = this.#calls.slice(this.#collected, done);
    const until = now();
    const settled = ended.map((call, offset) =>
      this.#settle(call, this.#collected + offset, until)
    );
    this.#collected = Math.max(this.#collected, done);
    return settled;
  }

  // On the clock of this thread. Workers have clocks of their own, which may drift.
  #timeOf(index: number, until: number): number {
    return Math.max(this.#sentAt, Math.min(this.progress.time(index) - timeOrigin, until));
  }

  /** Takes out calls before an index that have ended and whose outcomes will not come. */
  collectMissing(before: number = this.#calls.length): SettledCall[] {
    const missing = this.#calls.slice(this.#collected, before);
    this.#collected = Math.max(this.#collected, before);
    const startedAt: number | undefined = undefined;
    return missing.map((call) => ({ call, outcome: missingOutcome(), startedAt }));
  }

  #settle(call: Call, index: number, until: number): SettledCall {
    const refused = this.#refused[index];
    if (refused !== undefined) return refused;
    const outcome = this.progress.outcome(index) ?? missingOutcome();
    const duration = this.progress.time(index + 1) - this.progress.time(index);
    return { call, outcome, startedAt: this.#timeOf(index, until), duration };
  }

  /** Drops a batch that the worker has finished. */
  clear(): void {
    this.#calls = [];
    this.#refused = [];
    this.#collected = 0;
  }
}

function movesOf(call: Call): number {
  return moves.get(call) ?? 0;
}

// A task can close the ports of its worker or swallow their messages.
function missingOutcome(): Outcome {
  const error = new WorkerLostError("The worker did not deliver the outcome of the call", "died");
  return { ok: false, error: toErrorRecord(error) };
}
