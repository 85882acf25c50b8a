/** Hands submissions to the executor, and turns its reports into events. @module */

import { AbortWatch } from "../_base/abort_watch.ts";
import { currentContext, returnTo } from "../_base/async_context.ts";
import { FutureQueue, SCHEDULER_LINKS } from "../_future_queue.ts";
import type { CallOwner, CallRequest } from "../_submitter.ts";
import type { Channel } from "../channel.ts";
import type { FutureCancelledError } from "../errors.ts";
import type { Emitter } from "../emitter.ts";
import type { Executor } from "../executor.ts";
import { functionName, type TaskFunction } from "../function.ts";
import { cancellerOf, Future, openFuture } from "../future.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import { CallStarts, type CallStartsObserver } from "./call_starts.ts";
import { CallTemplates } from "./call_templates.ts";
import { cancelledError } from "./run_exit.ts";
import { Channels, type ChannelsObserver } from "./channels.ts";
import { checkRequest } from "./check_request.ts";
import { GuardedExecutor } from "./guarded_executor.ts";
import { futuresOf, hasFutures } from "./held_calls.ts";
import { Outcomes, type OutcomesObserver } from "./outcomes.ts";
import { OutputRoutes } from "./output_routes.ts";
import type { RunObserver } from "./run_observer.ts";
import { type CallEnd, SettlingCalls, type SettlingCallsObserver } from "./settling_calls.ts";
import { type CallObserver, ScheduledCall, SettledCalls } from "./scheduled_call.ts";
import { type Standstill, standstillOf } from "./answer_watch.ts";

const RUN_ENDED = "the run ended";

/** The calls of a scheduler, from submission to outcome. */
export class Dispatcher
  implements
    CallObserver,
    CallStartsObserver,
    SettlingCallsObserver,
    ChannelsObserver,
    OutcomesObserver {
  readonly queue: FutureQueue = new FutureQueue(
    SCHEDULER_LINKS,
    (node) => node instanceof ScheduledCall && node.observer === this,
  );
  readonly outcomes: Outcomes;
  readonly settledCalls: SettledCalls = new SettledCalls();
  readonly channels: Channels = new Channels(this);
  readonly output: OutputRoutes;
  runningCount = 0;
  heldCount = 0;
  readonly #executor: Executor;
  readonly #guarded: GuardedExecutor;
  readonly #events: Emitter<SchedulerEvents>;
  readonly #aborts = new AbortWatch<ScheduledCall>((call, reason) => call.abort(reason));
  readonly #templates = new CallTemplates(this);
  readonly #starts: CallStarts;
  readonly #settling = new SettlingCalls(this);
  #isAnnouncing = false;
  // Calls that callbacks of an announcement have submitted, in the order of submission.
  readonly #nested: ScheduledCall[] = [];
  #run: RunObserver | undefined;
  // What the end of the run does to pending calls; undefined until then.
  #draining: boolean | "all" | undefined;

  constructor(executor: Executor, events: Emitter<SchedulerEvents>) {
    this.#executor = executor;
    this.#guarded = new GuardedExecutor(executor, (error) => this.#run?.threw(error));
    this.#starts = new CallStarts(this.#guarded, this);
    this.#events = events;
    this.outcomes = new Outcomes(events, this);
    this.output = new OutputRoutes(executor, events, this);
  }

  /** The current run. */
  get run(): RunObserver | undefined {
    return this.#run;
  }

  /** The current run. */
  set run(run: RunObserver | undefined) {
    this.#run = run;
    this.#draining = undefined;
  }

  get ending(): boolean {
    return this.#run?.ending ?? false;
  }

  get sends(): boolean {
    return this.#draining === "all" || (this.#run?.running ?? false);
  }

  // A callback that resubmits on each report would recurse forever if it were not deferred.
  mustWait(call: ScheduledCall): boolean {
    return this.#guarded.isTaking(call) || this.ending;
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
    this.#startWithNested(call);
    returnTo(context);
    return future;
  }

  refresh(call: ScheduledCall): void {
    this.#guarded.refresh(call);
  }

  /** Cancels the unsettled calls or hands them over, at the end of a run. */
  drain(wait: boolean | "all"): void {
    this.#draining = wait;
    this.#starts.release();
    const calls = [...this.#calls()];
    if (wait === true) return void this.#cancelPending(calls);
    for (const call of calls) {
      if (wait === "all") this.#startLater(call);
      else this.cancelAtEnd(call);
    }
  }

  /** Whether all unsettled calls wait for the main thread, or for calls that do. */
  standstill(): Standstill {
    const areWorkersBlocked = this.channels.blockedCount >= this.#executor.workerCount;
    return standstillOf(this.#calls(), (call) => this.channels.isBlocked(call), areWorkersBlocked);
  }

  wasAskedToEnd(call: ScheduledCall): boolean {
    return this.channels.wasAsked(call);
  }

  channelOf(call: ScheduledCall): Channel | undefined {
    return this.channels.of(call);
  }

  sending(call: ScheduledCall): void {
    this.channels.begin(call);
  }

  hear(call: ScheduledCall, listener: () => void): void {
    call.inContext(() => this.#run?.hear(listener));
  }

  channelChanged(): void {
    this.#run?.channelChanged();
  }

  succeeded(call: ScheduledCall, result: unknown): void {
    if (!this.#endChannel(call)) return;
    if (!call.owner?.plugins.asksToSettle) return this.outcomes.succeed(call, result);
    this.#starts.left(call);
    this.#settling.ask(call, { outcome: { result }, isInherited: false });
  }

  failed(call: ScheduledCall, error: unknown, isInherited = false): void {
    if (!this.#endChannel(call)) return;
    if (!call.owner?.plugins.asksToSettle) return this.outcomes.fail(call, error, isInherited);
    this.#starts.left(call);
    this.#settling.ask(call, { outcome: { exception: error }, isInherited });
  }

  startFailed(call: ScheduledCall, error: unknown, byHook: boolean): void {
    this.#run?.defer();
    this.failed(call, error, true);
    if (byHook) this.#run?.threw(error);
    this.#run?.flush();
  }

  suspended(call: ScheduledCall): void {
    if (this.#draining !== undefined && !this.sends) this.cancelAtEnd(call);
  }

  retry(call: ScheduledCall): void {
    this.#starts.retry(call);
  }

  settle(call: ScheduledCall, { outcome, isInherited }: CallEnd): void {
    if ("result" in outcome) this.outcomes.succeed(call, outcome.result);
    else this.outcomes.fail(call, outcome.exception, isInherited);
  }

  cancelled(call: ScheduledCall, why: string, cause: unknown): void {
    this.#cancel(call, cancelledError(call, why, cause), true);
  }

  askedToEnd(call: ScheduledCall, grace: number, reason: unknown): void {
    // Also one whose function has ended: its result counts, once its messages are handled.
    const hasStarted = call.place === "executor" && call.future.startedAt !== undefined;
    if (!hasStarted || !this.channels.ask(call, grace, reason)) call.cancel(reason);
  }

  abandoned(call: ScheduledCall, why: string): void {
    this.#cancel(call, cancelledError(call, why), false);
  }

  cancelAtEnd(call: ScheduledCall): void {
    call.abandon(RUN_ENDED);
  }

  cancelOnExecutor(call: ScheduledCall): void {
    this.#guarded.cancel(call);
  }

  settled(future: Future, byEnd: boolean): void {
    // The end of a run cancels what waits for this future, too.
    if (!byEnd || this.#draining === undefined) this.#starts.settled(future);
  }

  *#calls(): Generator<ScheduledCall, void, void> {
    for (const future of this.queue) {
      const call = cancellerOf(future);
      if (call instanceof ScheduledCall) yield call;
    }
  }

  #enqueue(request: CallRequest, given: unknown[], caller: CallOwner | string): ScheduledCall {
    const owner = typeof caller === "string" ? undefined : caller;
    const { args, injected } = request;
    const allArgs = injected.length > 0 ? [...injected, ...args] : args;
    const awaitsFutures = hasFutures(allArgs);
    if (awaitsFutures) this.#checkOwn(allArgs, request.function);
    const future = new Future(typeof caller === "string" ? caller : caller.task, given);
    const template = this.#templates.find(request, allArgs, owner, future.taskName, awaitsFutures);
    const call = new ScheduledCall(future, template, allArgs);
    openFuture(future, call);
    this.queue.append(call);
    owner?.enter(call);
    return call;
  }

  #checkOwn(args: readonly unknown[], fn: TaskFunction): void {
    for (const [future, index] of futuresOf(args)) {
      if (cancellerOf(future)?.successor === this.settledCalls) continue;
      throw new TypeError(
        `Cannot submit ${functionName(fn)}: argument ${index + 1} is a future of another ` +
          `scheduler; await it and pass its result`,
      );
    }
  }

  #announce(call: ScheduledCall, { args, signal }: CallRequest): void {
    const { future, owner } = call;
    this.#run?.submitted();
    this.#run?.defer();
    this.#events.emit("future-submitted", future);
    if (!call.settled) owner?.emit("submitted", future, ...args);
    this.#run?.flush();
    if (signal === undefined || call.settled) return;
    if (signal.aborted) call.abort(signal.reason);
    else this.#aborts.add(signal, call);
  }

  /** Starts a call, then the calls that callbacks of its announcement have submitted. */
  #startWithNested(call: ScheduledCall): void {
    if (!call.settled && this.#run?.running) this.#starts.start(call);
    for (let next = this.#nested.shift(); next; next = this.#nested.shift()) {
      if (!next.settled && this.#run?.running) this.#startLater(next);
    }
  }

  /** Starts a call whose `submit()` has returned: its async context is no longer the current one. */
  #startLater(call: ScheduledCall): void {
    call.inContext(() => this.#starts.start(call));
  }

  #cancel(call: ScheduledCall, error: FutureCancelledError, byOwner: boolean): void {
    // The call may have started already: this records when.
    this.refresh(call);
    if (!this.#endChannel(call)) return;
    this.outcomes.cancel(call, error, byOwner);
  }

  /** Returns whether the call is still unsettled, because a callback of the event may cancel it. */
  #endChannel(call: ScheduledCall): boolean {
    this.output.flush(call);
    if (call.hooks?.channel !== undefined) this.channels.close(call);
    return !call.settled;
  }

  async #cancelPending(calls: readonly ScheduledCall[]): Promise<void> {
    const sent = calls.filter((call) =>
      call.place === "executor" && call.future.state === "pending"
    );
    for (const call of calls) {
      if (call.place === "new" || call.place === "held") this.cancelAtEnd(call);
    }
    for (const call of await this.#guarded.takeBack(sent)) this.cancelAtEnd(call);
  }

  leave(call: ScheduledCall): void {
    this.#starts.left(call);
    this.queue.remove(call);
    call.owner?.leave(call);
    if (call.signal !== undefined) this.#aborts.remove(call.signal, call);
    call.release();
  }
}
