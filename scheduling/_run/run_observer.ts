/** What calls report to the run under way. @module */

import type { Future } from "../future.ts";

/** The run, which decides what failures and cancellations of futures do to it. */
export interface RunObserver {
  /** Whether submissions are accepted. */
  readonly running: boolean;
  /** Whether the end is decided, and `finishing` not emitted yet: reports wait until it is. */
  readonly ending: boolean;
  /** A submission was accepted. */
  submitted(): void;
  /** Defers decisions until `flush()`, so that all events of a future are emitted first. */
  defer(): void;
  /** Applies the deferred decisions. */
  flush(): void;
  /** A future failed; `isInherited`: with the error of another one, which was judged then. */
  failed(future: Future, error: unknown, isInherited: boolean): void;
  /** A future was cancelled, by its owner or by the end of the run. */
  cancelled(future: Future, error: unknown, byOwner: boolean): void;
  /** A callback or the executor threw. */
  threw(error: unknown): void;
  /** A future has settled, and its events were emitted. */
  settled(): void;
  /** Calls a listener of messages, whose callbacks may answer. */
  hear(listener: () => void): void;
  /** A call has come to wait for the main thread, or no longer waits. */
  channelChanged(): void;
}
