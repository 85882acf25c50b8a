/** The interface for calls that a worker has and has not answered. @module */

import type { Call, CallProgress } from "../../scheduling/executor.ts";
import type { CallPlace, Outcome } from "../_wire/protocol.ts";
import type { Batch } from "./batch_size.ts";
import type { StreamReport } from "./batch_transport.ts";

/** A call that has ended, with its outcome. */
export interface SettledCall {
  readonly call: Call;
  readonly outcome: Outcome;
  /** When it started, on the clock of `performance.now()`; undefined if the start was reported before. */
  readonly startedAt: number | undefined;
  /** How many milliseconds it took, if measured. */
  readonly duration?: number;
}

/** The calls of a worker that has ended or is ending. */
export interface LostCalls {
  /** Those that never started, in the order of sending. */
  readonly waiting: readonly Call[];
  /** Those that ended before the worker did. */
  readonly settled: readonly SettledCall[];
  /** The one that was running, if that is certain; `startedAt` is undefined if the start was reported before. */
  readonly running: { readonly call: Call; readonly startedAt: number | undefined } | undefined;
}

/** A call that a worker runs. */
export interface StartedCall {
  readonly call: Call;
  /** When it started, on the clock of `performance.now()`. */
  readonly startedAt: number;
}

/** The calls in flight at one worker. */
export interface InFlight {
  /** How many there are. */
  readonly size: number;
  /** Whether there are none. */
  readonly idle: boolean;
  /** Whether all have ended, though the answer is still in transit. */
  readonly finishing: boolean;
  /** Whether a batch may be sent before the current one has ended. */
  readonly acceptsPrefetch: boolean;
  /** Whether an outcome is missing, because a task has tampered with the worker. */
  readonly corrupted: boolean;
  /** The call that the worker runs or would run next. */
  readonly current: Call | undefined;
  /** The call that has started and not ended, as far as that is known. */
  readonly running: StartedCall | undefined;
  /** Where the running call is, as far as that is known. */
  readonly runningPlace: CallPlace | undefined;
  /** Whether a call could become overdue. */
  readonly needsWatch: boolean;
  /** The lowest priority of the calls that `takeBackBelow()` could withdraw. */
  readonly lowestPending: number;
  /** Whether a call is in flight. */
  holds(call: Call): boolean;
  /** The progress of a call that has started; undefined if it is not known. */
  progress(call: Call): CallProgress | undefined;
  /** The call at this place; undefined if it has left. */
  callAt(place: CallPlace): Call | undefined;
  /** Whether an uncaught error at this place belongs to a call without an outcome. */
  isUnanswered(place: CallPlace | undefined): boolean;
  /** Whether slow calls delay others; `othersIdle` says whether another worker could take those. */
  isOverdue(othersIdle: boolean): boolean;
  /**
   * Sends calls to the worker.
   *
   * @param finished Called once, when the worker can start no more of these calls, with the ended ones
   * that have not been collected.
   * @returns a promise that rejects when the worker breaks the connection.
   */
  send(batch: Batch, finished: (settled: readonly SettledCall[]) => void): Promise<void>;
  /** Notes that the worker, which has this number, has reported the start of a call; returns the call. */
  markStarted(worker: number): Call | undefined;
  /** Notes that the answer to the message of this number has arrived. */
  markAnswered(messageNumber: number): void;
  /** Takes what a worker that shares no memory reports. */
  receive(report: StreamReport): void;
  /** Withdraws the calls that have not started; resolves with them in the order of sending. */
  takeBack(): Promise<Call[]>;
  /**
   * Withdraws the calls of a lower priority that have not started, and accepts no prefetched batch
   * behind one that has. If the worker runs no call, it keeps the next one: otherwise no call could
   * start while calls of ever higher priorities arrive faster than messages cross.
   */
  takeBackBelow(priority: number): Promise<Call[]>;
  /** Takes out the calls that have ended so far. */
  collect(): SettledCall[];
  /** Takes out the calls that have ended before the one at this place started. */
  collectBefore(place: CallPlace): SettledCall[];
  /** Accepts no prefetched batch until the next batch of short calls. */
  stopPrefetch(): void;
  /**
   * Drops all calls, because the worker has ended or is ending. Without shared memory it may be uncertain
   * what became of some, until the messages that the worker has sent have arrived.
   */
  close(): LostCalls;
  /**
   * The calls of which `close()` was not certain, after the worker has ended. If its last messages were
   * unreadable, it may have started any of them.
   */
  resolveDoubts(isUnreadable: boolean): LostCalls;
}
