/** A submission as the executor sees it. @module */

import { type AsyncContext, currentContext, inContext } from "../_base/async_context.ts";
import { setImmediate } from "../_base/time.ts";
import { QueueNode } from "../_future_queue.ts";
import type { Call } from "../executor.ts";
import type { TaskFunction } from "../function.ts";
import { cancelFuture, type Canceller, endFuture, Future, startFuture } from "../future.ts";
import type { CallLimits } from "../limits.ts";
import type { CallOwner } from "../_submitter.ts";

/** What all calls of a task share, unless they were submitted with options. */
export interface CallTemplate {
  readonly observer: CallObserver;
  /** The name of the task, or of the function. */
  readonly name: string;
  readonly owner: CallOwner | undefined;
  readonly function: TaskFunction;
  /** How many of the arguments come before those that were submitted. */
  readonly injected: number;
  readonly transfer: readonly Transferable[];
  readonly signal: AbortSignal | undefined;
  readonly limits: CallLimits;
  /** Undefined in what calls share: a context belongs to one submission. */
  readonly context: AsyncContext;
}

/** Who acts on what is reported of a call. */
export interface CallObserver {
  /** Whether reports have to wait, for the executor is being told of this very call, or a run ends. */
  mustWait(call: ScheduledCall): boolean;
  succeeded(call: ScheduledCall, result: unknown): void;
  failed(call: ScheduledCall, error: unknown): void;
  cancelled(call: ScheduledCall, reason: unknown): void;
  /** Asks the executor whether the call has begun. */
  refresh(call: ScheduledCall): void;
}

const NO_ARGS: readonly unknown[] = [];
// Stands for the future of every call that is settled.
const SETTLED: Future = new Future("settled", []);
cancelFuture(SETTLED, undefined);

/** A future with the call that the executor sees. There may be a million: it has few fields. */
export class ScheduledCall extends QueueNode implements Call, Canceller {
  declare future: Future;
  args: readonly unknown[];
  /** Whether the executor knows of it. */
  handedOver = false;
  #template: CallTemplate;

  constructor(future: Future, template: CallTemplate, args: readonly unknown[]) {
    super(future);
    this.args = args;
    const context = currentContext();
    this.#template = context === undefined ? template : { ...template, context };
  }

  /** Whose call it is. */
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

  /** The arguments without those that were injected. */
  get submittedArgs(): readonly unknown[] {
    return this.#template.injected > 0 ? this.args.slice(this.#template.injected) : this.args;
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

  get settled(): boolean {
    return this.future.settledAt !== undefined;
  }

  started(at?: number): void {
    if (!this.settled) startFuture(this.future, at);
  }

  /** Notes that the function has ended, though its outcome has yet to be reported. */
  ended(): void {
    if (!this.settled) endFuture(this.future);
  }

  refresh(): void {
    this.#template.observer.refresh(this);
  }

  /** Lets go of everything that is large, because an executor may hold a settled call for long. */
  release(): void {
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
    if (this.settled) return false;
    this.inContext(() => this.#template.observer.cancelled(this, reason));
    return true;
  }

  /** Calls a function that calls code of users, in the async context of `submit()`. */
  inContext<R>(fn: () => R): R {
    return inContext(this.#template.context, fn);
  }
}
