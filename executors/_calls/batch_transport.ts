/** The interface of what carries batches to a worker, and what is known of them back. @module */

import type { SentProgress } from "../_progress/progress.ts";
import type { Outcome, ProgressReport } from "../_wire/protocol.ts";

/** How many batches a worker has at most: the one that it runs and a prefetched one. */
export const BATCHES = 2;

/** What a worker that shares no memory reports of a batch. */
export type StreamReport = ProgressReport | Outcome | "halted";

/** Carries the batches of one worker. */
export interface BatchTransport {
  /** What is known of each batch in flight. */
  readonly progress: readonly SentProgress[];
  /** Whether an outcome is missing, because a task has tampered with the worker. */
  readonly corrupted: boolean;
  /** Connects to the worker, before its first batch: it receives nothing before it is ready. */
  open(): void;
  /** Checks the arguments of a call as far as sending them does not; throws if they cannot cross. */
  checkArgs(args: readonly unknown[], moved: readonly Transferable[]): void;
  /** Sends the arguments of a call of the next batch in a message of their own; throws if they cannot cross. */
  postArgs(args: readonly unknown[]): void;
  /** Sends what waits, before the batch itself is sent. */
  flush(): void;
  /** The number of the message that sends the next batch, by which its answer is known. */
  readonly nextMessage: number;
  /** Asks the worker not to start the calls that it has; undefined if it need not be asked. */
  halt(): Promise<void> | undefined;
  /** Takes what the worker reports, of the batch that it runs if it runs one. */
  receive(progress: SentProgress | undefined, report: StreamReport): void;
  /** Whether it waits for the answer of the worker to that. */
  readonly isWaiting: boolean;
  /** Waits no longer for an answer of the worker. */
  stopWaiting(): void;
  /** Drops the connection. */
  close(): void;
}
