/** Reports which calls have started. @module */

import { callAfter } from "../../../scheduling/_base/time.ts";
import type { CallProgress } from "../../../scheduling/executor.ts";
import type { RemoteCall } from "./remote_call.ts";

// Most calls have ended by then, which says that they had started.
const LATER_MS = 20;

/** What reports need of a session. */
export interface StartReportsSource {
  /** The calls that have begun and not ended. */
  readonly begun: Iterable<RemoteCall>;
  /** What the executor knows of a call whose start it has not reported. */
  progressOf(call: RemoteCall): CallProgress | undefined;
  /** Writes that a call has started. */
  writeStart(call: RemoteCall): void;
}

/** Reports the starts of calls that last, and at once those of calls that send messages. */
export class StartReports {
  readonly #source: StartReportsSource;
  readonly #reported = new WeakSet<RemoteCall>();
  #stop: (() => void) | undefined;
  #isClosed = false;

  constructor(source: StartReportsSource) {
    this.#source = source;
  }

  /** A call has started. */
  started(call: RemoteCall): void {
    if (call.channel === undefined) this.expect();
    else this.#report(call);
  }

  /** Calls have been submitted. */
  expect(): void {
    if (this.#isClosed) return;
    this.#stop ??= callAfter(LATER_MS, () => {
      this.#stop = undefined;
      for (const call of this.#source.begun) this.#look(call);
      if ([...this.#source.begun].some((call) => !this.#reported.has(call))) this.expect();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#stop?.();
  }

  // An executor that sends calls in batches learns late of their starts.
  #look(call: RemoteCall): void {
    if (this.#reported.has(call)) return;
    const progress = this.#source.progressOf(call);
    if (progress !== undefined && !progress.ended) {
      call.started(progress.startedAt, progress.worker);
    }
    if (call.startedAt !== undefined) this.#report(call);
  }

  #report(call: RemoteCall): void {
    if (this.#reported.has(call)) return;
    this.#reported.add(call);
    this.#source.writeStart(call);
  }
}
