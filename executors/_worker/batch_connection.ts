/** The interface of what connects the batches of a worker to the pool. @module */

import type { RunProgress } from "../_progress/progress.ts";
import type { BatchMessage, Outcome } from "../_wire/protocol.ts";

/** The arguments of a call, or why they cannot be read. */
export type Arguments = readonly unknown[] | { readonly unread: unknown };

/** Connects the batches of a worker to the pool. */
export interface BatchConnection {
  /** The progress of the batch that uses this place; throws if there is none. */
  progressOf(place: number): RunProgress;
  /** Prepares for a batch whose calls have their arguments in separate messages. */
  prepare(message: BatchMessage): Promise<void> | undefined;
  /** The arguments in the next separate message. */
  nextArguments(): Arguments;
  /** Sends the outcome of a call; throws if it cannot cross. */
  send(outcome: Outcome): void;
}
