/** A submission as the executor sees it. @module */

import { type AsyncContext, currentContext, inContext } from "../_base/async_context.ts";
import { setImmediate } from "../_base/time.ts";
import { QueueNode } from "../_future_queue.ts";
import type { Channel, ChannelListener } from "../channel.ts";
import type { Call } from "../executor.ts";
import type { TaskFunction } from "../function.ts";
import {
  cancelFuture,
  type Canceller,
  continueFuture,
  endFuture,
  Future,
  startFuture,
} from "../future.ts";
import type { CallLimits } from "../limits.ts";
import type { CallOwner } from "../_submitter.ts";

/** What all calls of a task share that were submitted without options. */
export interface CallTemplate {
  readonly observer: CallObserver;
  /** The name of the task, or of the function. */
  readonly name: string;
  readonly owner: CallOwner | undefined;
  readonly function: TaskFunction;
  /** How many injected arguments precede the submitted ones. */
  readonly injected: number;
  readonly transfer: readonly Transferable[];
  readonly signal: AbortSignal | undefined;
  readonly limits: CallLimits;
  readonly priority: number;
  /** Whether there are futures among the arguments. */
  readonly awaitsFutures: boolean;
  /** What plugins have set to hold or settle the call. */
  readonly hooks: CallHooks | undefined;
  /** Belongs to one submission, so a shared template has none. */
  readonly context: AsyncContext;
}

/** Holds of plugins, a result in place of a call, and what receives its messages. */
export interface CallHooks {
  readonly after: readonly PromiseLike<void>[];
  readonly channel: ((future: Future) => ChannelListener) | undefined;
  /** Set by a plugin, at its submission or before its start. */
  settled: { readonly result: unknown } | undefined;
  /** Whether plugins are to be asked before it starts, once for all attempts. */
  asksToStart: boolean;
}

/**
 * Where a call is: not started, held back by futures or plugins, with the executor, or held by plugins
 * after its function has ended.
 */
export type CallPlace = "new" | "held" | "executor" | "settling";

/** Acts on the reports about a call. */
export interface CallObserver {
  /** Replaces the settled calls. */
  readonly settledCalls: Canceller;
  /** How many calls are marked as running. */
  runningCount: number;
  /** How many calls are held back. */
  heldCount: number;
  /** Whether reports wait: while the executor takes this call, and while the run is ending. */
  mustWait(call: ScheduledCall): boolean;
  succeeded(call: ScheduledCall, result: unknown): void;
  failed(call: ScheduledCall, error: unknown): void;
  /** The call is to be cancelled by its owner. */
  cancelled(call: ScheduledCall, why: string, cause: unknown): void;
  /** The call is to be cancelled unless it ends within `grace` milliseconds. */
  askedToEnd(call: ScheduledCall, grace: number, reason: unknown): void;
  /** The call is to be cancelled, but not by its owner. */
  abandoned(call: ScheduledCall, why: string): void;
  /** The messages of the call. */
  channelOf(call: ScheduledCall): Channel | undefined;
  /** Asks the executor for the progress of the call. */
  refresh(call: ScheduledCall): void;
}

/** Stands for the settled calls of one scheduler, so that their futures are known to be its own. */
export class SettledCalls implements Canceller {
  readonly successor: Canceller = this;

  cancel(): boolean {
    return false;
  }

  askToEnd(): boolean {
    return false;
  }

  abandon(): void {}

  refresh(): void {}
}

const NO_ARGS: readonly unknown[] = [];
// Replaces the future of every settled call.
const SETTLED: Future = new Future("settled", []);
cancelFuture(SETTLED, undefined);

/** The call that the executor sees, with its future. It has few fields: a million may be queued. */
export class ScheduledCall extends QueueNode implements Call, Canceller {
  declare future: Future;
  args: readonly unknown[];
  #place: CallPlace = "new";
  #template: CallTemplate;

  constructor(future: Future, template: CallTemplate, args: readonly unknown[]) {
    super(future);
    this.args = args;
    const context = currentContext();
    this.#template = context === undefined ? template : { ...template, context };
  }

  /** Where it is. */
  get place(): CallPlace {
    return this.#place;
  }

  /** Where it is; counts the calls that are held back. */
  set place(place: CallPlace) {
    if (this.#place === "held") this.#countHeld(-1);
    if (place === "held") this.#countHeld(1);
    this.#place = place;
  }

  get successor(): Canceller {
    return this.#template.observer.settledCalls;
  }

  /** Receives the reports. */
  get observer(): CallObserver {
    return this.#template.observer;
  }

  get id(): number {
    return this.future.id;
  }

  get name(): string {
    return this.#template.name;
  }

  override get owner(): CallOwner | undefined {
    return this.#template.owner;
  }

  get function(): TaskFunction {
    return this.#template.function;
  }

  /** The arguments without the injected ones. */
  get submittedArgs(): readonly unknown[] {
    return this.#template.injected > 0 ? this.args.slice(this.#template.injected) : this.args;
  }

  /** The injected arguments. */
  get injectedArgs(): readonly unknown[] {
    return this.args.slice(0, this.#template.injected);
  }

  get transfer(): readonly Transferable[] {
    return this.#template.transfer;
  }

  get signal(): AbortSignal | undefined {
    return this.#template.signal;
  }

  get limits(): CallLimits {
    return this.#template.limits;
  }

  get priority(): number {
    return this.#template.priority;
  }

  get awaitsFutures(): boolean {
    return this.#template.awaitsFutures;
  }

  get channel(): Channel | undefined {
    return this.hooks?.channel && this.#template.observer.channelOf(this);
  }

  get hooks(): CallHooks | undefined {
    return this.#template.hooks;
  }

  get settled(): boolean {
    return this.future.settledAt !== undefined;
  }

  started(at?: number, worker?: number): void {
    if (this.settled) return;
    if (startFuture(this.future, at, worker)) this.#template.observer.runningCount++;
  }

  /** Records that the function has ended; its outcome is not reported yet. */
  ended(): void {
    if (this.settled) return;
    if (endFuture(this.future)) this.#template.observer.runningCount--;
  }

  /** Records that plugins hold the end of the call, which counts as running meanwhile. */
  endHeld(): void {
    if (continueFuture(this.future)) this.#template.observer.runningCount++;
  }

  refresh(): void {
    this.#template.observer.refresh(this);
  }

  /** Drops everything large, because an executor may keep a settled call for long. */
  release(): void {
    this.ended();
    if (this.#place === "held") this.place = "new";
    this.future = SETTLED;
    this.args = NO_ARGS;
    if (this.transfer.length === 0 && this.#template.context === undefined) return;
    this.#template = { ...this.#template, transfer: [], context: undefined };
  }

  succeed(result: unknown): void {
    const { observer } = this.#template;
    if (observer.mustWait(this)) return void setImmediate(() => this.succeed(result));
    if (!this.settled) this.inContext(() => observer.succeeded(this, result));
  }

  fail(error: unknown): void {
    const { observer } = this.#template;
    if (observer.mustWait(this)) return void setImmediate(() => this.fail(error));
    if (!this.settled) this.inContext(() => observer.failed(this, error));
  }

  cancel(reason?: unknown): boolean {
    return this.#cancel("cancel() was called", reason);
  }

  /** Its signal was aborted. */
  abort(reason: unknown): void {
    this.#cancel("its signal was aborted", reason);
  }

  askToEnd(grace: number, reason: unknown): boolean {
    if (this.settled) return false;
    this.inContext(() => this.#template.observer.askedToEnd(this, grace, reason));
    return true;
  }

  abandon(why: string): void {
    if (!this.settled) this.inContext(() => this.#template.observer.abandoned(this, why));
  }

  /** Calls a function that runs user code, in the async context of `submit()`. */
  inContext<R>(fn: () => R): R {
    return inContext(this.#template.context, fn);
  }

  #countHeld(change: number): void {
    const { observer, owner } = this.#template;
    observer.heldCount += change;
    if (owner !== undefined) owner.heldCount += change;
  }

  #cancel(why: string, cause: unknown): boolean {
    if (this.settled) return false;
    this.inContext(() => this.#template.observer.cancelled(this, why, cause));
    return true;
  }
}
