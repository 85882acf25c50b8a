/**
 * One run of a scheduler, from `start` to `finished`: why it ends, and what it waits for.
 *
 * ```text
 *  reported by                                         phase        event of the scheduler
 *
 *                                      execute() ──────────────────▶ start
 *                                          ▼
 *                                       running ───────────────────▶ empty, when idle
 *  Emitter: a callback ─ threw ─────┐      │
 *  Dispatcher: a future  failed ────┼▶ Decisions
 *                      ─ cancelled ─┘      │ #end(code), once: the first report wins
 *                      ─ settled ─ idle? ──┤
 *  stop(), timeout, signal, Ctrl-C ────────┤
 *                                          ▼
 *                                       ending ────────────────────▶ stop or timeout
 *     submissions throw, reports wait      │ ──────────────────────▶ finishing
 *                                          ▼
 *  Dispatcher ────────── settled ───── finishing
 *     drain(): cancels calls or runs them  │ queue empty, executor shut down,
 *  Emitter ───────────── returned          │ async callbacks settled
 *                                          ▼
 *                                      finished ───────────────────▶ finished
 * ```
 *
 * @module
 */

import type { Dispatcher } from "./dispatcher.ts";
import type { RunObserver } from "./run_observer.ts";
import { listenOutside, OsSignals } from "./outside_signals.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { Decisions } from "./decisions.ts";
import { DisplayLife } from "./display_life.ts";
import { drain } from "./drain.ts";
import { RunExit } from "./run_exit.ts";
import { currentContext, inContext } from "../_base/async_context.ts";
import { IdleWatch } from "./idle_watch.ts";
import { LaterCalls } from "./later_calls.ts";
import { PendingCallbacks } from "./pending_callbacks.ts";
import { settlesWithin, userTimers } from "../_base/time.ts";
import { ExecutorLife } from "./executor_life.ts";
import type { Waiters } from "./waiters.ts";
import { SchedulerNotRunningError } from "../errors.ts";
import type { Callback } from "../_listener.ts";
import type { RunUnderWay } from "../_submitter.ts";
import type { EventArgs } from "../emitter.ts";
import type { DisplayedScheduler } from "../display/_run_display.ts";
import type { Executor } from "../executor.ts";
import type { Future } from "../future.ts";
import type { ExitCode, ExitState, RunSettings } from "../run_options.ts";
import type { StopOptions } from "../stop.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import type { RunWait } from "../statistics.ts";

/** What a run needs of its scheduler. */
export interface RunParts {
  readonly events: DisplayedScheduler;
  readonly executor: Executor;
  readonly dispatcher: Dispatcher;
  readonly waiters: Waiters;
}

const LAST_EVENT: ReadonlySet<string> = new Set(["finished"]);
// An interrupted program still waits for the async callbacks of these events.
const ENDING_EVENTS: ReadonlySet<string> = new Set(["stop", "finishing", "finished"]);

type Phase = "running" | "ending" | "finishing" | "finished";

/** One run. Its timers and delayed calls end with it. */
export class Run implements RunObserver, RunUnderWay {
  readonly endListeners: Set<() => void> = new Set();
  readonly #settings: RunSettings;
  readonly #parts: RunParts;
  readonly #context = currentContext();
  readonly #ended = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  readonly #laterCalls = new LaterCalls(this);
  readonly #osSignals = new OsSignals();
  readonly #executor: ExecutorLife;
  readonly #decisions: Decisions;
  readonly #release: () => void;
  #result: Promise<ExitState> | undefined;
  #phase: Phase = "running";
  readonly #exit = new RunExit();
  readonly display: DisplayLife | undefined;
  #aborted = false;
  readonly #callbacks: PendingCallbacks;
  readonly #answerWatch = new AnswerWatch({
    hasBlocked: () => this.#phase === "finishing" && this.#parts.dispatcher.channels.hasBlocked,
    standstill: () => this.#parts.dispatcher.standstill(),
    callbacks: () => this.#callbacks,
    release: () => this.#parts.dispatcher.channels.releaseAll(),
  });
  readonly #idleWatch: IdleWatch;

  /** @param release Called when the run has finished. */
  constructor(settings: RunSettings, parts: RunParts, release: () => void) {
    this.#settings = settings;
    this.#parts = parts;
    this.#release = release;
    if (settings.display) this.display = new DisplayLife(settings.display, parts.events);
    this.#executor = new ExecutorLife(parts, (error) => this.threw(error));
    this.#idleWatch = new IdleWatch(settings.endOnEmpty, {
      isRunning: () => this.running,
      isIdle: () => parts.dispatcher.queue.size === 0 && this.#callbacks.size === 0,
      emitEmpty: () => this.#emit("empty"),
      exhausted: () => this.#end("exhausted"),
    });
    this.#callbacks = new PendingCallbacks({
      callbackRejected: (...rejection) => this.#decisions.callbackRejected(...rejection),
      callbackSettled: () => {
        this.#idleWatch.checkLater();
        this.#answerWatch.changed();
      },
    });
    this.#decisions = new Decisions(settings, {
      isRunning: () => this.running,
      raise: (failure) => this.#exit.raise(failure),
      end: (...how) => this.#end(...how),
    });
  }

  /** Whether it accepts submissions. */
  get running(): boolean {
    return this.#phase === "running";
  }

  get ending(): boolean {
    return this.#phase === "ending";
  }

  /** What it waits for before it can end. */
  get waitsFor(): RunWait | undefined {
    if (this.running) return undefined;
    if (this.#parts.dispatcher.queue.size > 0) return "calls";
    if (!this.#executor.ended) return "workers";
    return this.#callbacks.isAwaited ? "callbacks" : undefined;
  }

  /** Its async callbacks that have not settled. */
  get callbacks(): Pick<PendingCallbacks, "size" | "underWay"> {
    return this.#callbacks;
  }

  /** Whether its last event was emitted: only its display may still have to end. */
  get finished(): boolean {
    return this.#phase === "finished";
  }

  /** How it ends. */
  get exit(): Pick<RunExit, "state" | "failure"> {
    return this.#exit;
  }

  /** Runs from `start` to `finished`; rejects with the error that the policy raises. */
  execute(): Promise<ExitState> {
    return this.#result = this.#execute();
  }

  async #execute(): Promise<ExitState> {
    const detach = listenOutside(this.#settings, this.#osSignals, {
      aborted: (reason) => this.#abandon(reason),
      interrupted: (signal) => this.#interrupted(signal),
    });
    try {
      this.#emit("start");
      if (this.running) this.#executor.start();
      this.#idleWatch.checkLater();
      await this.#untilEnd();
      return await this.#finish();
    } finally {
      detach();
      this.#release();
    }
  }

  /** Ends the run for `scheduler.stop()`. */
  stop({ message, exception }: StopOptions): void {
    if (!this.running) return;
    if (exception !== undefined && this.#decisions.actionForRun(exception) === "raise") {
      this.#exit.raise({ error: exception });
    }
    this.#end("stopped", message ?? "stop() was called", exception, message);
  }

  /** Ends the run as an abort does; resolves when it has finished. */
  async dispose(): Promise<void> {
    this.#abandon(new DOMException("The scheduler was disposed", "AbortError"));
    // A callback of `start` may call this before execute() has returned its promise.
    await undefined;
    await this.#result?.catch(() => {});
  }

  /** Calls `fn` in `ms` milliseconds unless the run has ended; returns a function that cancels it. */
  callLater(ms: number, fn: () => unknown): () => void {
    return this.#laterCalls.add(ms, fn);
  }

  // --- callbacks

  /** Handles an error that a callback threw. */
  threw(error: unknown): void {
    this.#decisions.threw(error);
  }

  /** Waits for the promise of an async callback. */
  returned(value: unknown, event: string, callback: Callback): void {
    this.#callbacks.returned(value, event, callback);
  }

  hold(task: string): () => void {
    return this.#callbacks.hold(task);
  }

  hear(listener: () => void): void {
    this.#callbacks.inRole("answer", listener);
  }

  channelChanged(): void {
    this.#answerWatch.changed();
  }

  // --- futures

  submitted(): void {
    this.#idleWatch.submitted();
  }

  failed(future: Future, error: unknown, isInherited: boolean): void {
    this.#decisions.failed(future, error, isInherited);
  }

  cancelled(future: Future, error: unknown, byOwner: boolean): void {
    this.#decisions.cancelled(future, error, byOwner);
  }

  settled(): void {
    if (!this.running) this.#answerWatch.changed();
    if (this.#parts.dispatcher.queue.size > 0) return;
    if (this.running) this.#idleWatch.checkLater();
    else this.#drained.resolve();
  }

  defer(): void {
    this.#decisions.defer();
  }

  flush(): void {
    this.#decisions.flush();
  }

  // --- the end

  async #untilEnd(): Promise<void> {
    const { timeout } = this.#settings;
    if (timeout === Infinity) return await this.#ended.promise;
    await settlesWithin(this.#ended.promise, timeout, userTimers());
    if (!this.running) return;
    this.#end(this.#idleWatch.timeUp() ? "exhausted" : "timeout");
  }

  // `given` is the message that stop() was called with.
  #end(code: ExitCode, message = "", exception?: unknown, given?: string): void {
    if (!this.running) return;
    this.#phase = "ending";
    this.#exit.decide(code, exception, given);
    this.#laterCalls.cancelAll();
    this.#idleWatch.stop();
    for (const listener of this.endListeners) listener();
    if (code === "timeout") this.#emit("timeout");
    else if (code !== "exhausted") {
      this.#emit("stop", message, ...(exception === undefined ? [] : [exception]));
    }
    this.#ended.resolve();
  }

  #emit<K extends keyof SchedulerEvents>(name: K, ...args: EventArgs<SchedulerEvents[K]>): void {
    this.#callbacks.inRole(
      ENDING_EVENTS.has(name) ? "end" : undefined,
      () => inContext(this.#context, () => this.#parts.events.emit(name, ...args)),
    );
  }

  #interrupted(signal: string): void {
    this.#callbacks.interrupt();
    const reason = new DOMException(signal, "AbortError");
    if (typeof this.#settings.wait === "number") this.#end("stopped", "Interrupted", reason);
    else this.#abort(reason);
  }

  #abandon(reason: unknown): void {
    this.#callbacks.abandon();
    this.#abort(reason);
  }

  #abort(reason: unknown): void {
    if (this.finished) return;
    this.#aborted = true;
    this.#exit.raise({ error: reason });
    this.#end("stopped", "The run was aborted", reason);
    if (this.#phase === "finishing") this.#parts.dispatcher.drain(false);
  }

  async #finish(): Promise<ExitState> {
    this.#emit("finishing");
    this.#phase = "finishing";
    const { dispatcher } = this.#parts;
    this.#answerWatch.changed();
    await drain(dispatcher, this.#drained.promise, this.#aborted ? false : this.#settings.wait);
    const runaways = await this.#executor.shutdown(this.#osSignals.exitCode !== undefined);
    await this.#emitFinished();
    this.#phase = "finished";
    if (this.display !== undefined) await this.display.end();
    if (this.#osSignals.exitCode !== undefined) Deno.exit(this.#osSignals.exitCode);
    return this.#exit.result(runaways);
  }

  async #emitFinished(): Promise<void> {
    const { waiters } = this.#parts;
    const missed = new SchedulerNotRunningError(
      "The run has ended without this event",
      this.#exit.failure && { cause: this.#exit.failure.error },
    );
    waiters.close(missed, LAST_EVENT);
    await this.#callbacks.settle();
    this.#emit("finished");
    waiters.close(missed);
    await this.#callbacks.settle();
    waiters.open();
  }
}
