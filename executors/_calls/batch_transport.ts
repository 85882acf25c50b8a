/** The interface of what carries batches to a worker, and what is known of them back. @module */

import type { SentProgress } from "../_progress/progress.ts";

/** How many batches a worker has at most: the one that it runs and a prefetched one. */
export const BATCHES = 2;

/** Carries the batches of one worker. */
export interface BatchTransport {
  /** What is known of each batch in flight. */
  readonly progress: readonly SentProgress[];
  /** Whether an outcome is missing, because a task has tampered with the worker. */
  readonly corrupted: boolean;
  /** Connects to the worker, before its first batch: it receives nothing before it is ready. */
  open(): void;
  /** Sends the arguments of a call of the next batch in a message of their own; throws if they cannot cross. */
  postArgs(args: readonly unknown[]): void;
  /** Drops the connection. */
  close(): void;
}
