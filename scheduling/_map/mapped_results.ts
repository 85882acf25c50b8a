/**
 * One iteration over the results of a task.
 *
 * ```text
 *  items ──▶ Input ──▶ args(), submit() ──▶ Arrivals ──▶ readers: next()
 *              ▲                           at most            │
 *              └─────── #fill() ◀──────── ReadAhead ◀─────────┘
 * ```
 *
 * @module
 */

import { type AsyncContext, currentContext, inContext } from "../_base/async_context.ts";
import { show } from "../_base/check.ts";
import { Fifo } from "../_base/fifo.ts";
import { clearImmediate, queueMicrotask, setImmediate } from "../_base/time.ts";
import type { RunUnderWay, Submitter } from "../_submitter.ts";
import { type SchedulerNotRunningError, SubmissionDeclinedError } from "../errors.ts";
import { cancellerOf, type Future } from "../future.ts";
import { type Arrival, type Arrivals, AsTheyCome, InOrder } from "./arrivals.ts";
import { type Input, type InputObserver, type Items, openInput } from "./input.ts";
import { AdaptiveReadAhead, FixedReadAhead, type ReadAhead } from "./read_ahead.ts";

/** The task whose function is called for each item. */
export interface MappedTask {
  readonly name: string;
  readonly submitter: Submitter;
  /** Submits a call; undefined when a plugin declined. */
  submit(args: unknown[]): Future | undefined;
}

/** Options that were checked. */
export interface MapSettings<T> {
  readonly args?: ((item: T) => unknown[]) | undefined;
  readonly concurrency?: number | undefined;
  readonly ordered?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Failure {
  readonly error: unknown;
}

/** The results, which `next()` reads. */
export class MappedResults<T, R> implements AsyncGenerator<R, void, void>, InputObserver<T> {
  readonly #task: MappedTask;
  readonly #items: Items<T>;
  readonly #settings: MapSettings<T>;
  readonly #arrivals: Arrivals;
  readonly #readAhead: ReadAhead;
  readonly #readers = new Fifo<PromiseWithResolvers<IteratorResult<R, void>>>();
  #state: "new" | "open" | "ended" = "new";
  #context: AsyncContext;
  #input: Input | undefined;
  // False once no further item is needed: the input has ended, or an error is to be read.
  #takesItems = true;
  #isFilling = false;
  // Set once the run has ended, which then waits for unsettled calls or cancels them.
  #runError: SchedulerNotRunningError | undefined;
  #nextFill: ReturnType<typeof setImmediate> | undefined;
  // The error after the remaining results; once the iteration has ended, the one for the next reader.
  #failure: Failure | undefined;
  #unwatch = () => {};
  #release = () => {};

  constructor(task: MappedTask, items: Items<T>, settings: MapSettings<T>) {
    const { concurrency, ordered = true } = settings;
    this.#task = task;
    this.#items = items;
    this.#settings = settings;
    this.#arrivals = ordered ? new InOrder() : new AsTheyCome();
    this.#readAhead = concurrency === undefined
      ? new AdaptiveReadAhead(task.submitter.workerCount())
      : new FixedReadAhead(concurrency);
  }

  // --- the reader

  next(): Promise<IteratorResult<R, void>> {
    if (this.#state === "new") this.#begin();
    const reader = Promise.withResolvers<IteratorResult<R, void>>();
    this.#readers.push(reader);
    this.#serve();
    return reader.promise;
  }

  async return(): Promise<IteratorResult<R, void>> {
    await this.#leave();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<R, void>> {
    await this.#leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  get [Symbol.toStringTag](): string {
    return "MappedResults";
  }

  // --- the input

  item(item: T): void {
    // Asked for before it was known that nobody would read its result.
    if (!this.#takesItems) return;
    try {
      this.#track(this.#submit(item));
    } catch (error) {
      this.failed(error);
    }
    this.#fill();
  }

  exhausted(): void {
    this.#takesItems = false;
    this.#serve();
  }

  failed(error: unknown): void {
    if (this.#state === "ended") return;
    this.#failure = { error };
    this.exhausted();
  }

  // --- from the input to the readers

  #begin(): void {
    const { signal } = this.#settings;
    this.#state = "open";
    this.#context = currentContext();
    try {
      signal?.throwIfAborted();
      this.#watch(this.#task.submitter.assertRunning("map", this.#task.name), signal);
      this.#input = openInput(this.#items, this);
    } catch (error) {
      return this.#fail(error);
    }
    this.#fill();
  }

  #fill(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    inContext(this.#context, () => {
      while (this.#wantsItem) this.#input?.read();
    });
    this.#isFilling = false;
  }

  get #wantsItem(): boolean {
    return this.#state === "open" && this.#takesItems && this.#input?.isReading === false &&
      this.#arrivals.size < this.#readAhead.limit;
  }

  // Deferred: what a burst of results makes room for is submitted, and sent to workers, together.
  #fillSoon(): void {
    this.#nextFill ??= setImmediate(() => {
      this.#nextFill = undefined;
      this.#fill();
    });
  }

  #submit(item: T): Future {
    const { args } = this.#settings;
    const list = args === undefined ? [item] : args(item);
    if (!Array.isArray(list)) {
      throw new TypeError(`args() must return an array of arguments, not ${show(list)}`);
    }
    const future = this.#task.submit(list);
    if (future === undefined) throw new SubmissionDeclinedError(this.#task.name, list);
    return future;
  }

  #track(future: Future): void {
    // A callback of `submitted` may have left the loop.
    const arrival: Arrival = { future, state: "pending", outcome: undefined };
    if (this.#state === "ended") return abandonAll([arrival]);
    this.#arrivals.add(arrival);
    future.then(
      (result) => this.#settled(arrival, "succeeded", result),
      (error) => this.#settled(arrival, "failed", error),
    );
  }

  #settled(arrival: Arrival, state: Arrival["state"], outcome: unknown): void {
    if (this.#state === "ended") return;
    arrival.state = state;
    arrival.outcome = outcome;
    this.#arrivals.settled(arrival);
    this.#readAhead.settled();
    if (state === "failed") this.#takesItems = false;
    this.#serve();
  }

  #serve(): void {
    if (this.#state === "ended") return this.#answerAfterEnd();
    while (this.#readers.size > 0) {
      const arrival = this.#arrivals.take();
      if (arrival === undefined) return this.#isRead ? this.#endAsRead() : undefined;
      if (arrival.state === "failed") return this.#fail(arrival.outcome);
      this.#readers.shift()?.resolve({ done: false, value: arrival.outcome as R });
      if (this.#takesItems) this.#fillSoon();
    }
  }

  get #isRead(): boolean {
    return !this.#takesItems && this.#arrivals.size === 0;
  }

  #endAsRead(): void {
    this.#end(this.#failure).catch(() => {});
    this.#release();
  }

  // --- the end

  #watch(run: RunUnderWay, signal: AbortSignal | undefined): void {
    const onEnd = () => this.#runEnded();
    const onAbort = () => this.#fail(signal?.reason);
    this.#release = run.hold(this.#task.name);
    run.endListeners.add(onEnd);
    signal?.addEventListener("abort", onAbort);
    this.#unwatch = () => {
      run.endListeners.delete(onEnd);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #runEnded(): void {
    this.#runError = this.#task.submitter.notRunning(`map ${this.#task.name}`);
    if (this.#isRead) return this.#endAsRead();
    this.#takesItems = false;
    this.#failure = { error: this.#runError };
    // Deferred: the failure of a call, which may have ended the run, arrives in a microtask.
    queueMicrotask(() => this.#endWithRun());
  }

  /** Rejects with the next failure that has arrived, else because the run has ended. */
  #endWithRun(): void {
    let next = this.#arrivals.take();
    while (next?.state === "succeeded") next = this.#arrivals.take();
    this.#fail(next === undefined ? this.#runError : next.outcome);
  }

  #fail(error: unknown): void {
    if (this.#state === "ended") return;
    // The error is what the reader is to see, whatever else goes wrong.
    this.#end({ error }).catch(() => {});
    this.#release();
  }

  async #leave(): Promise<void> {
    try {
      await this.#end(undefined);
    } finally {
      this.#release();
    }
  }

  /** Ends the iteration: cancels what is in flight and closes the input. */
  async #end(failure: Failure | undefined): Promise<void> {
    const input = this.#state === "open" ? this.#input : undefined;
    this.#state = "ended";
    this.#failure = failure;
    clearImmediate(this.#nextFill);
    this.#unwatch();
    this.#answerAfterEnd();
    const left = this.#arrivals.clear();
    // The last first: a worker whose call is cancelled would start with one that is to be.
    if (this.#runError === undefined) abandonAll(left.toReversed());
    await input?.close();
  }

  #answerAfterEnd(): void {
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift()) {
      if (this.#failure === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(this.#failure.error);
      this.#failure = undefined;
    }
  }
}

function abandonAll(arrivals: readonly Arrival[]): void {
  for (const { future } of arrivals) cancellerOf(future)?.abandon("its loop was left");
}
