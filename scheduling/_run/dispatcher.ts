/** Hands submissions to the executor, and turns its reports into events. @module */

import { AbortWatch } from "../_base/abort_watch.ts";
import { currentContext, returnTo } from "../_base/async_context.ts";
import { FutureQueue, SCHEDULER_LINKS } from "../_future_queue.ts";
import type { CallOwner, CallRequest } from "../_submitter.ts";
import type { FutureCancelledError } from "../errors.ts";
import type { Emitter } from "../emitter.ts";
import type { Call, Executor } from "../executor.ts";
import {
  cancelFuture,
  cancellerOf,
  Future,
  openFuture,
  rejectFuture,
  resolveFuture,
} from "../future.ts";
import { noteFailure } from "../limits.ts";
import { checkRequest } from "./check_request.ts";
import { type CallObserver, ScheduledCall } from "./scheduled_call.ts";
import { CallTemplates } from "./call_templates.ts";
import { CallTimes } from "./call_times.ts";
import { cancelledError } from "./cancelled_error.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";

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
  /** A future failed. */
  failed(future: Future, error: unknown): void;
  /** A future was cancelled, by its owner or by the end of the run. */
  cancelled(future: Future, error: unknown, byOwner: boolean): void;
  /** A callback or the executor threw. */
  threw(error: unknown): void;
  /** A future has settled, and its events were emitted. */
  settled(): void;
}

const RUN_ENDED = "the run ended";

/** The calls of a scheduler, from submission to outcome. */
export class Dispatcher implements CallObserver {
  readonly queue: FutureQueue = new FutureQueue(
    SCHEDULER_LINKS,
    (node) => node instanceof ScheduledCall && node.observer === this,
  );
  readonly times: CallTimes = new CallTimes();
  runningCount = 0;
  readonly #executor: Executor;
  readonly #events: Emitter<SchedulerEvents>;
  readonly #aborts = new AbortWatch<ScheduledCall>((call, reason) => call.cancel(reason));
  readonly #templates = new CallTemplates(this);
  #isAnnouncing = false;
  // Calls that callbacks of an announcement have submitted, in the order of submission.
  readonly #nested: ScheduledCall[] = [];
  // Its reports are deferred: a callback that resubmits on each report would recurse forever.
  #handingOver: ScheduledCall | undefined;
  #run: RunObserver | undefined;

  constructor(executor: Executor, events: Emitter<SchedulerEvents>) {
    this.#executor = executor;
    this.#events = events;
  }

  /** The current run. */
  set run(run: RunObserver | undefined) {
    this.#run = run;
  }

  mustWait(call: ScheduledCall): boolean {
    return call === this.#handingOver || (this.#run?.ending ?? false);
  }

  /**
   * Accepts a submission, announces it by events, then hands it over. `given` are the arguments of
   * `submit()`; `caller` is the side of the task or, without a task, the name of the function.
   */
  submit(asked: CallRequest, given: unknown[], caller: CallOwner | string): Future {
    const context = currentContext();
    const request = checkRequest(this.#executor, asked);
    const call = this.#enqueue(request, given, caller);
    const { future } = call;
    const isNested = this.#isAnnouncing;
    if (isNested) this.#nested.push(call);
    this.#isAnnouncing = true;
    this.#announce(call, request);
    this.#isAnnouncing = isNested;
    returnTo(context);
    if (isNested) return future;
    this.#handOverWithNested(call);
    returnTo(context);
    return future;
  }

  /** Updates start and state of a call from the progress that the executor reports. */
  refresh(call: ScheduledCall): void {
    if (!call.handedOver) return;
    const progress = this.#attempt(() => this.#executor.progress?.(call));
    if (progress === undefined) return;
    call.started(progress.startedAt);
    if (progress.ended) call.ended();
  }

  /** Cancels the unsettled calls or hands them over, at the end of a run. */
  drain(wait: boolean | "all"): void {
    const calls = [...this.queue].map(cancellerOf).filter((call) => call instanceof ScheduledCall);
    if (wait === true) return void this.#cancelPending(calls);
    for (const call of calls) {
      if (wait === "all") this.#handOverLater(call);
      else call.abandon(RUN_ENDED);
    }
  }

  succeeded(call: ScheduledCall, result: unknown): void {
    const { future, owner } = call;
    this.#leave(call);
    resolveFuture(future, result);
    this.times.add(future);
    this.#run?.defer();
    this.#events.emit("future-done", future);
    this.#events.emit("future-result", future, result);
    owner?.emit("done", future);
    owner?.emit("result", future, result);
    this.#run?.flush();
    this.#run?.settled();
  }

  failed(call: ScheduledCall, error: unknown): void {
    const { future, owner, submittedArgs } = call;
    this.#leave(call);
    rejectFuture(future, error);
    this.times.add(future);
    this.#run?.defer();
    this.#run?.failed(future, error);
    this.#events.emit("future-done", future);
    this.#events.emit("future-exception", future, error);
    owner?.emit("done", future);
    noteFailure(call.limits, error);
    owner?.preException(future, error, submittedArgs);
    owner?.emit("exception", future, error);
    this.#run?.flush();
    this.#run?.settled();
  }

  cancelled(call: ScheduledCall, reason: unknown): void {
    const why = reason === undefined ? "cancel() was called" : "its signal was aborted";
    this.#cancel(call, cancelledError(call, why, reason), true);
  }

  abandoned(call: ScheduledCall, why: string): void {
    this.#cancel(call, cancelledError(call, why), false);
  }

  #enqueue(request: CallRequest, given: unknown[], caller: CallOwner | string): ScheduledCall {
    const owner = typeof caller === "string" ? undefined : caller;
    const { args, injected } = request;
    const allArgs = injected.length > 0 ? [...injected, ...args] : args;
    const future = new Future(typeof caller === "string" ? caller : caller.task, given);
    const template = this.#templates.find(request, allArgs, owner, future.taskName);
    const call = new ScheduledCall(future, template, allArgs);
    openFuture(future, call);
    this.queue.append(call);
    owner?.enter(call);
    return call;
  }

  #announce(call: ScheduledCall, { args, signal }: CallRequest): void {
    const { future, owner } = call;
    this.#run?.submitted();
    this.#run?.defer();
    this.#events.emit("future-submitted", future);
    if (!call.settled) owner?.emit("submitted", future, ...args);
    this.#run?.flush();
    if (signal === undefined || call.settled) return;
    if (signal.aborted) call.cancel(signal.reason);
    else this.#aborts.add(signal, call);
  }

  /** Hands over a call, then the calls that callbacks of its announcement have submitted. */
  #handOverWithNested(call: ScheduledCall): void {
    if (!call.settled && this.#run?.running) this.#handOver(call);
    for (let next = this.#nested.shift(); next; next = this.#nested.shift()) {
      if (!next.settled && this.#run?.running) this.#handOverLater(next);
    }
  }

  /** Hands over a call whose `submit()` has returned: its async context is no longer the current one. */
  #handOverLater(call: ScheduledCall): void {
    call.inContext(() => this.#handOver(call));
  }

  #handOver(call: ScheduledCall): void {
    if (call.handedOver) return;
    call.handedOver = true;
    const outer = this.#handingOver;
    this.#handingOver = call;
    try {
      this.#executor.submit(call);
    } catch (error) {
      call.fail(error);
    }
    this.#handingOver = outer;
  }

  #cancel(call: ScheduledCall, error: FutureCancelledError, byOwner: boolean): void {
    const { future, owner } = call;
    // The call may have started already: this records when.
    this.refresh(call);
    this.#leave(call);
    cancelFuture(future, error);
    this.#run?.defer();
    if (call.handedOver) this.#attempt(() => this.#executor.cancel(call));
    this.#run?.cancelled(future, error, byOwner);
    this.#events.emit("future-cancelled", future);
    owner?.emit("cancelled", future);
    this.#run?.flush();
    this.#run?.settled();
  }

  async #cancelPending(calls: readonly ScheduledCall[]): Promise<void> {
    const sent = calls.filter((call) => call.handedOver && call.future.state === "pending");
    for (const call of calls) if (!call.handedOver) call.abandon(RUN_ENDED);
    for (const call of await this.#takeBack(sent)) call.abandon(RUN_ENDED);
  }

  async #takeBack(calls: readonly ScheduledCall[]): Promise<readonly ScheduledCall[]> {
    if (this.#executor.takeBack === undefined || calls.length === 0) return calls;
    try {
      const pending = new Set<Call>(await this.#executor.takeBack(calls));
      const back = calls.filter((call) => pending.has(call));
      for (const call of back) call.handedOver = false;
      return back;
    } catch (error) {
      this.#run?.threw(error);
      return calls;
    }
  }

  // An executor that throws must not prevent the end of the run.
  #attempt<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      this.#run?.threw(error);
      return undefined;
    }
  }

  #leave(call: ScheduledCall): void {
    this.queue.remove(call);
    call.owner?.leave(call);
    if (call.signal !== undefined) this.#aborts.remove(call.signal, call);
    call.release();
  }
}
