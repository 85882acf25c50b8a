/** Brings submissions to the executor and its reports back, with the events of each in order. @module */

import { setImmediate } from "node:timers";
import { checkFunction, checkSignal, isPlainObject, show } from "./_check.ts";
import { SignalWatch } from "./_signal_watch.ts";
import { FutureCancelledError } from "./errors.ts";
import type { Emitter } from "./emitter.ts";
import type { Call, Executor } from "./executor.ts";
import type { TaskFunction } from "./function.ts";
import {
  cancelFuture,
  type Canceller,
  cancellerOf,
  Future,
  openFuture,
  rejectFuture,
  resolveFuture,
  startFuture,
} from "./future.ts";
import { type CallLimits, type LimitName, limitNames } from "./limits.ts";
import type { SchedulerEvents } from "./scheduler_events.ts";
import type { CallOwner } from "./task.ts";
import { transferablesOf } from "./transfer.ts";

/** What is submitted, after the plugins were asked. */
export interface CallRequest {
  readonly function: TaskFunction;
  readonly args: readonly unknown[];
  readonly transfer: readonly Transferable[];
  readonly signal: AbortSignal | undefined;
  readonly limits: CallLimits;
}

/** Judges what futures fail with; a run does. */
export interface Judge {
  /** Whether submissions go to the executor. */
  readonly running: boolean;
  /** Whether the end is decided and `finishing` not yet emitted: reports wait until it is. */
  readonly ending: boolean;
  /** A submission was accepted. */
  submitted(): void;
  /** Verdicts wait until the events of a future are out. */
  hold(): void;
  release(): void;
  /** A future failed. */
  failed(error: unknown): void;
  /** A future was cancelled, by its owner or by the end of the run. */
  cancelled(error: unknown, byOwner: boolean): void;
  /** A callback or the executor threw. */
  threw(error: unknown): void;
  /** A future has settled and its events are out. */
  settled(): void;
}

/** What happens to unsettled calls when a run ends; see `RunOptions.wait`. */
export type Wait = boolean | "all";

const REMEDIES: Readonly<Record<LimitName, string>> = {
  wallTime: "use Scheduler.withWorkers() or Scheduler.withProcesses()",
  cpuTime: "use Scheduler.withProcesses(), on Linux or macOS",
  memory: "use Scheduler.withProcesses(), on Linux or macOS",
};

/** The unsettled futures of a scheduler. */
export class Dispatcher {
  readonly queue = new Set<Future>();
  readonly #executor: Executor;
  readonly #events: Emitter<SchedulerEvents>;
  readonly #signals = new SignalWatch();
  #judge: Judge | undefined;

  constructor(executor: Executor, events: Emitter<SchedulerEvents>) {
    this.#executor = executor;
    this.#events = events;
  }

  /** Says who judges from now on. */
  set judge(judge: Judge | undefined) {
    this.#judge = judge;
  }

  /** Whether a run is about to emit `finishing`. */
  get ending(): boolean {
    return this.#judge?.ending ?? false;
  }

  /** Throws unless the executor can run the function. */
  check(fn: TaskFunction): void {
    checkFunction("What is submitted", fn);
    this.#executor.check?.(fn);
  }

  /** Throws unless the executor enforces the limits. */
  checkLimits(limits: CallLimits): void {
    const { name, limits: enforced = [] } = this.#executor;
    const missing = limitNames(limits).find((limit) => !enforced.includes(limit));
    if (missing !== undefined) {
      throw new TypeError(`${name} cannot enforce a limit of ${missing}: ${REMEDIES[missing]}`);
    }
  }

  submit(request: CallRequest, name: string, owner?: CallOwner): Future {
    this.check(request.function);
    checkRequest(request);
    this.checkLimits(request.limits);
    const future = new Future(name);
    const call = new ScheduledCall(future, request, owner, this);
    openFuture(future, call);
    this.queue.add(future);
    owner?.enter(future);
    this.#announce(call, request);
    if (!call.settled && this.#judge?.running) this.#handOver(call);
    return future;
  }

  /** Has the executor tell whether a call has begun. */
  refresh(call: ScheduledCall): void {
    this.#executor.refresh?.(call);
  }

  /** Cancels or hands over what is unsettled when a run ends. */
  drain(wait: Wait): void {
    for (const future of [...this.queue]) {
      const call = cancellerOf(future);
      if (!(call instanceof ScheduledCall)) continue;
      if (wait === "all") this.#handOver(call);
      else if (wait === false || this.#isWaiting(call)) this.#cancel(call, "the run ended");
    }
  }

  succeeded(call: ScheduledCall, result: unknown): void {
    const { future, owner } = call;
    this.#leave(call);
    resolveFuture(future, result);
    this.#judge?.hold();
    this.#events.emit("future-done", future);
    this.#events.emit("future-result", future, result);
    owner?.emit("done", future);
    owner?.emit("result", future, result);
    this.#judge?.release();
    this.#judge?.settled();
  }

  failed(call: ScheduledCall, error: unknown): void {
    const { future, owner, args } = call;
    this.#leave(call);
    rejectFuture(future, error);
    this.#judge?.hold();
    this.#judge?.failed(error);
    this.#events.emit("future-done", future);
    this.#events.emit("future-exception", future, error);
    owner?.emit("done", future);
    owner?.preException(future, error, args);
    owner?.emit("exception", future, error);
    this.#judge?.release();
    this.#judge?.settled();
  }

  cancelled(call: ScheduledCall, reason: unknown): void {
    const why = reason === undefined ? "cancel() was called" : "its signal was aborted";
    this.#cancel(call, why, { cause: reason, byOwner: true });
  }

  #announce(call: ScheduledCall, { args, signal }: CallRequest): void {
    const { future, owner } = call;
    this.#judge?.submitted();
    this.#judge?.hold();
    this.#events.emit("future-submitted", future);
    if (!call.settled) owner?.emit("submitted", future, ...args);
    this.#judge?.release();
    if (signal === undefined || call.settled) return;
    if (signal.aborted) call.cancel(signal.reason);
    else this.#signals.add(signal, call);
  }

  #handOver(call: ScheduledCall): void {
    if (call.handedOver) return;
    call.handedOver = true;
    call.beingHandedOver = true;
    try {
      this.#executor.submit(call);
    } catch (error) {
      call.fail(error);
    }
    call.beingHandedOver = false;
  }

  #cancel(
    call: ScheduledCall,
    why: string,
    { cause, byOwner = false }: { cause?: unknown; byOwner?: boolean } = {},
  ): void {
    if (call.settled) return;
    const { future, owner } = call;
    const options = cause === undefined ? undefined : { cause };
    const error = new FutureCancelledError(`${future.taskName} was cancelled: ${why}`, options);
    this.#leave(call);
    cancelFuture(future, error);
    this.#judge?.hold();
    if (call.handedOver) this.#takeBack(call);
    this.#judge?.cancelled(error, byOwner);
    this.#events.emit("future-cancelled", future);
    owner?.emit("cancelled", future);
    this.#judge?.release();
    this.#judge?.settled();
  }

  #isWaiting(call: ScheduledCall): boolean {
    if (!call.handedOver) return true;
    return call.future.state === "pending" && (this.#executor.takeBack?.(call) ?? true);
  }

  #takeBack(call: ScheduledCall): void {
    try {
      this.#executor.cancel(call);
    } catch (error) {
      this.#judge?.threw(error);
    }
  }

  #leave(call: ScheduledCall): void {
    this.queue.delete(call.future);
    call.owner?.leave(call.future);
    if (call.signal !== undefined) this.#signals.remove(call.signal, call);
    call.release();
  }
}

// A plugin may have put anything into it; nothing has been emitted yet.
function checkRequest({ args, transfer, signal, limits }: CallRequest): void {
  if (!Array.isArray(args)) throw new TypeError(`args must be an array, not ${show(args)}`);
  if (!Array.isArray(transfer)) {
    throw new TypeError(`transfer must be an array, not ${show(transfer)}`);
  }
  if (signal !== undefined) checkSignal("signal", signal);
  if (!isPlainObject(limits)) throw new TypeError(`limits must be an object, not ${show(limits)}`);
}

/** A future with the call that the executor sees. */
export class ScheduledCall implements Call, Canceller {
  readonly future: Future;
  readonly owner: CallOwner | undefined;
  readonly function: TaskFunction;
  args: readonly unknown[];
  transfer: readonly Transferable[];
  readonly signal: AbortSignal | undefined;
  readonly limits: CallLimits;
  /** Whether the executor knows of it. */
  handedOver = false;
  /** While the executor is told of it, its reports wait: who submits on each would never return. */
  beingHandedOver = false;
  readonly #dispatcher: Dispatcher;

  constructor(
    future: Future,
    request: CallRequest,
    owner: CallOwner | undefined,
    dispatcher: Dispatcher,
  ) {
    this.future = future;
    this.owner = owner;
    this.#dispatcher = dispatcher;
    this.function = request.function;
    this.args = request.args;
    const marked = transferablesOf(request.args);
    this.transfer = request.transfer.length > 0 ? [...request.transfer, ...marked] : marked;
    this.signal = request.signal;
    this.limits = request.limits;
  }

  get id(): number {
    return this.future.id;
  }

  get name(): string {
    return this.future.taskName;
  }

  get settled(): boolean {
    return this.future.settledAt !== undefined;
  }

  started(at?: number): void {
    if (!this.settled) startFuture(this.future, at);
  }

  refresh(): void {
    if (this.handedOver) this.#dispatcher.refresh(this);
  }

  /** Lets go of what a settled call needs no more, though an executor or an error may hold it. */
  release(): void {
    this.args = [];
    this.transfer = [];
  }

  succeed(result: unknown): void {
    if (this.#mustWait) return void setImmediate(() => this.succeed(result));
    if (!this.settled) this.#dispatcher.succeeded(this, result);
  }

  fail(error: unknown): void {
    if (this.#mustWait) return void setImmediate(() => this.fail(error));
    if (!this.settled) this.#dispatcher.failed(this, error);
  }

  get #mustWait(): boolean {
    return this.beingHandedOver || this.#dispatcher.ending;
  }

  cancel(reason?: unknown): boolean {
    if (this.settled) return false;
    this.#dispatcher.cancelled(this, reason);
    return true;
  }
}
