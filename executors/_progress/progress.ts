/** The two sides of what is known of a batch: which of its calls have started and ended. @module */

import type { Outcome } from "../_wire/protocol.ts";

/**
 * The side of the pool, for one batch at a time. What it says is certain whatever becomes of the worker: a
 * call that has not started never will, once the claims are closed.
 */
export interface SentProgress {
  /** Prepares for a batch of `count` calls, before it is sent. */
  open(count: number): void;
  /** How many calls have started. */
  readonly started: number;
  /** How many calls have ended, even if their outcomes are in transit. */
  readonly ended: number;
  /** How many calls have ended whose outcomes are there. */
  readonly done: number;
  /** Keeps the worker from starting more calls than `from`; returns how many have started or may start. */
  closeClaims(from: number): number;
  /** The worker can start no more of it: it has answered or ended, and all its messages have arrived. */
  seal(): void;
  /** Takes the outcome of a call that was sent in a message, in order. */
  receive(outcome: Outcome): void;
  /** The outcome of a call that `done` counts; undefined if it is missing. To be asked in order, once. */
  outcome(index: number): Outcome | undefined;
  /** When a call started and the one before it ended, in milliseconds since the epoch. */
  time(index: number): number;
}

/** The side of the worker, for one batch at a time. */
export interface RunProgress {
  /** Notes that a batch of `count` calls has arrived. */
  expect(count: number): void;
  /** Notes when the first call starts; each other one starts when the one before it ends. */
  begin(time: number): void;
  /** The next call to start, unless the pool takes it back; -1 if there is none. */
  readonly next: number;
  /** Claims the next call to start; -1 if there is none. */
  claim(): number;
  /** How many calls have ended. */
  readonly done: number;
  /** Stores the result of a call; returns whether such a value can be stored. */
  keep(index: number, value: unknown): boolean;
  /** Marks the outcome of a call as sent in a message. */
  markSent(index: number): void;
  /** Notes that a call is not run, because it could not be sent. */
  skip(index: number): void;
  /** Notes that a call has ended, after its outcome was stored or sent. */
  end(index: number, time: number): void;
  /** Whether the pool may have asked by a message, which has to be read, not to start more calls. */
  readonly mayBeAsked: boolean;
  /** Shows the pool all of it, before the worker waits for something. */
  flush(): void;
}
