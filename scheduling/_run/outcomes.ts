/** Settles futures, with their events in order. @module */

import { CommClosedError, type FutureCancelledError } from "../errors.ts";
import type { Emitter } from "../emitter.ts";
import { cancelFuture, type Future, rejectFuture, resolveFuture } from "../future.ts";
import { noteFailure } from "../limits.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { CallTimes, type TimesOfCalls } from "./call_times.ts";
import { RecentFutures } from "./recent_futures.ts";
import type { RunObserver } from "./run_observer.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** The rest of what becomes of a settled call. */
export interface OutcomesObserver {
  readonly run: RunObserver | undefined;
  /** The call leaves all queues. */
  leave(call: ScheduledCall): void;
  /** The executor is to stop the call. */
  cancelOnExecutor(call: ScheduledCall): void;
  /** The events of a future were emitted; `byEnd`: the end of the run has cancelled it. */
  settled(future: Future, byEnd: boolean): void;
}

/** The ends of calls. */
export class Outcomes {
  readonly times: CallTimes = new CallTimes();
  readonly #recent = new RecentFutures();
  readonly #events: Emitter<SchedulerEvents>;
  readonly #observer: OutcomesObserver;

  constructor(events: Emitter<SchedulerEvents>, observer: OutcomesObserver) {
    this.#events = events;
    this.#observer = observer;
  }

  statistics(): TimesOfCalls & Pick<SchedulerStatistics, "recentFutures"> {
    return { ...this.times.statistics(), recentFutures: this.#recent.statistics() };
  }

  succeed(call: ScheduledCall, result: unknown): void {
    const { future, owner } = call;
    const { run } = this.#observer;
    this.#observer.leave(call);
    resolveFuture(future, result);
    this.#record(call, future, result);
    run?.defer();
    this.#events.emit("future-done", future);
    this.#events.emit("future-result", future, result);
    owner?.emit("done", future);
    owner?.emit("result", future, result);
    this.#settled(future, run);
  }

  /** `isInherited`: the error is that of another call, or one that is no error of the run. */
  fail(call: ScheduledCall, error: unknown, isInherited: boolean): void {
    const { future, owner, submittedArgs } = call;
    const { run } = this.#observer;
    this.#observer.leave(call);
    rejectFuture(future, error);
    this.#record(call, future, error);
    run?.defer();
    run?.failed(future, error, isInherited || error instanceof CommClosedError);
    this.#events.emit("future-done", future);
    this.#events.emit("future-exception", future, error);
    owner?.emit("done", future);
    noteFailure(call.limits, error);
    owner?.plugins.preException(future, error, submittedArgs);
    owner?.emit("exception", future, error);
    this.#settled(future, run);
  }

  cancel(call: ScheduledCall, error: FutureCancelledError, byOwner: boolean): void {
    const { future, owner } = call;
    const { run } = this.#observer;
    this.#observer.leave(call);
    cancelFuture(future, error);
    this.#recent.add(future);
    run?.defer();
    this.#observer.cancelOnExecutor(call);
    run?.cancelled(future, error, byOwner);
    this.#events.emit("future-cancelled", future);
    owner?.emit("cancelled", future);
    this.#settled(future, run, !byOwner);
  }

  #record({ owner }: ScheduledCall, future: Future, outcome: unknown): void {
    this.times.add(future, owner?.runningTimes);
    this.#recent.add(future, outcome);
  }

  #settled(future: Future, run: RunObserver | undefined, byEnd = false): void {
    run?.flush();
    this.#observer.settled(future, byEnd);
    run?.settled();
  }
}
