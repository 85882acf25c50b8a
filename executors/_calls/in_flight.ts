/** What a worker was sent and has not answered. @module */

import type { Call, CallProgress } from "../../scheduling/executor.ts";
import type { CallPlace, Outcome } from "../_wire/protocol.ts";
import type { Batch } from "./batch_size.ts";

/** A call that has ended, and how. */
export interface SettledCall {
  readonly call: Call;
  readonly outcome: Outcome;
  /** When it started, on the clock of `performance.now()`, if that was not reported. */
  readonly startedAt: number | undefined;
  /** How many milliseconds it took, if that was measured. */
  readonly duration?: number;
}

/** The calls of a worker that has ended or is about to. */
export interface LostCalls {
  /** Those that never started, in the order in which they were sent. */
  readonly waiting: readonly Call[];
  /** Those that ended before the worker did. */
  readonly settled: readonly SettledCall[];
  /** The one that was running, with its start if that was not reported. */
  readonly running: { readonly call: Call; readonly startedAt: number | undefined } | undefined;
}

/** The calls in flight at one worker. */
export interface InFlight {
  /** Whether there are none. */
  readonly idle: boolean;
  /** Whether all have ended, though the worker has yet to say so. */
  readonly finishing: boolean;
  /** Whether a batch may be sent before the worker has finished what it has. */
  readonly acceptsPrefetch: boolean;
  /** Whether the worker failed to deliver an outcome: a task has tampered with it. */
  readonly corrupted: boolean;
  /** The call that the worker runs, or would run next. */
  readonly current: Call | undefined;
  /** Whether a call could become overdue. */
  readonly needsWatch: boolean;
  /** Whether a call is in flight. */
  holds(call: Call): boolean;
  /** How far a call is that has started; undefined if that is not known. */
  progress(call: Call): CallProgress | undefined;
  /** Whether an uncaught error at this place strikes a call that has no outcome yet. */
  isUnanswered(place: CallPlace | undefined): boolean;
  /** Whether slow calls hold up others; `othersIdle` if another worker could take these. */
  isOverdue(othersIdle: boolean): boolean;
  /**
   * Sends calls to the worker.
   *
   * @param finished Called once with the calls that were not collected before, as soon as the worker
   * can start no more of them.
   * @returns a promise that rejects when the worker breaks off.
   */
  send(batch: Batch, finished: (settled: readonly SettledCall[]) => void): Promise<void>;
  /** Notes that the worker reported a start; returns the call. */
  markStarted(): Call | undefined;
  /** Notes that the answer to the call has arrived and is about to be passed on. */
  markAnswered(): void;
  /** Withdraws the calls that have not started; resolves with those, in the order of sending. */
  takeBack(): Promise<Call[]>;
  /** Takes out the calls that have ended so far. */
  collect(): SettledCall[];
  /** Accepts no prefetched batch until the next short one. */
  stopPrefetch(): void;
  /** Lets go of everything, because the worker has ended or is about to. */
  close(): LostCalls;
}
