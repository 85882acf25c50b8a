/** One run of a scheduler, from `start` to `finished`: why it ends, and what it waits for. @module */

import type { Dispatcher, RunObserver } from "./dispatcher.ts";
import { OsSignals } from "./os_signals.ts";
import { JudgedErrors } from "./judged_errors.ts";
import { actionFor } from "./error_policy.ts";
import { currentContext, inContext } from "../_base/async_context.ts";
import { isThenable } from "../_base/is_thenable.ts";
import { LaterCalls } from "./later_calls.ts";
import { PendingCallbacks } from "./pending_callbacks.ts";
import {
  clearImmediate,
  keepAlive,
  setImmediate,
  settlesWithin,
  userTimers,
} from "../_base/time.ts";
import type { Waiters } from "./waiters.ts";
import { SchedulerNotRunningError } from "../errors.ts";
import type { Emitter, EventArgs } from "../emitter.ts";
import type { Executor } from "../executor.ts";
import { Future } from "../future.ts";
import type { ErrorAction, ExitCode, ExitState, RunSettings } from "../run_options.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";

/** What a run needs of its scheduler. */
export interface RunParts {
  readonly events: Emitter<SchedulerEvents>;
  readonly executor: Executor;
  readonly dispatcher: Dispatcher;
  readonly waiters: Waiters;
}

interface Decision {
  readonly code: ExitCode;
  readonly action: ErrorAction;
  readonly error: unknown;
}

const LAST_EVENT: ReadonlySet<string> = new Set(["finished"]);
// Their callbacks are waited for even when the program was interrupted.
const ENDING_EVENTS: ReadonlySet<string> = new Set(["stop", "finishing", "finished"]);
// Workers that yield have ended by then.
const INTERRUPTED_SHUTDOWN_MS = 500;

/** One run. Everything that it leaves to be done later belongs to it, and ends with it. */
export class Run implements RunObserver {
  readonly #settings: RunSettings;
  readonly #parts: RunParts;
  readonly #context = currentContext();
  readonly #ended = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  readonly #laterCalls = new LaterCalls(this);
  readonly #osSignals = new OsSignals();
  readonly #judgedErrors = new JudgedErrors();
  #exit: { code: ExitCode; exception?: unknown } | undefined;
  #raised: { error: unknown } | undefined;
  #aborted = false;
  #finishing = false;
  readonly #callbacks = new PendingCallbacks();
  #emitsEnd = false;
  #deferrals = 0;
  #decisions: Decision[] = [];
  #emptyEmitted = false;
  #idleCheck: ReturnType<typeof setImmediate> | undefined;

  constructor(settings: RunSettings, parts: RunParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Whether it takes submissions. */
  get running(): boolean {
    return this.#exit === undefined;
  }

  get ending(): boolean {
    return !this.running && !this.#finishing;
  }

  /** Runs from `start` to `finished`; rejects with what is to be raised. */
  async execute(): Promise<ExitState> {
    const release = this.#attach();
    try {
      this.#emit("start");
      this.#checkIdleLater();
      await this.#untilEnd();
      return await this.#finish();
    } finally {
      release();
    }
  }

  /** Ends the run as `scheduler.stop()` does. */
  stop(message: string, exception: unknown): void {
    if (!this.running) return;
    if (exception !== undefined && this.#actionFor(exception) === "raise") this.#raise(exception);
    this.#end("stopped", message, exception);
  }

  /** Calls `fn` in `ms` milliseconds, unless the run has ended by then. */
  callLater(ms: number, fn: () => unknown): () => void {
    return this.#laterCalls.add(ms, fn);
  }

  // --- callbacks

  /** A callback threw. */
  threw(error: unknown): void {
    // Who submits on each result need not ask whether the run goes on.
    if (error instanceof SchedulerNotRunningError && !this.running) return;
    this.#decide({ code: "exception", action: this.#actionFor(error), error });
  }

  /** A callback returned something: wait for it if it is a promise. */
  returned(value: unknown): void {
    if (!isThenable(value) || value instanceof Future) return;
    const callback = Promise.resolve(value).then(undefined, (error) => {
      if (!this.#judgedErrors.has(error)) this.threw(error);
    });
    this.#callbacks.add(callback, this.#emitsEnd).then(() => this.#checkIdleLater());
  }

  // --- futures

  submitted(): void {
    this.#emptyEmitted = false;
  }

  failed(error: unknown): void {
    this.#judgedErrors.add(error);
    this.#decide({ code: "exception", action: this.#actionFor(error), error });
  }

  cancelled(error: unknown, byOwner: boolean): void {
    this.#judgedErrors.add(error);
    if (!byOwner) return;
    this.#decide({ code: "cancelled", action: this.#settings.onCancelled, error });
  }

  settled(): void {
    if (this.#parts.dispatcher.queue.size > 0) return;
    if (this.running) this.#checkIdleLater();
    else this.#drained.resolve();
  }

  defer(): void {
    this.#deferrals++;
  }

  flush(): void {
    this.#deferrals--;
    if (this.#deferrals > 0) return;
    for (let next = this.#decisions.shift(); next; next = this.#decisions.shift()) {
      this.#apply(next);
    }
  }

  #decide(decision: Decision): void {
    this.defer();
    this.#decisions.push(decision);
    this.flush();
  }

  #apply({ code, action, error }: Decision): void {
    if (action === "ignore") return;
    if (action === "raise") this.#raise(error);
    const what = code === "cancelled" ? "A future was cancelled" : "An exception was raised";
    this.#end(code, what, error);
  }

  #actionFor(error: unknown): ErrorAction {
    return actionFor(error, this.#settings.onException);
  }

  #raise(error: unknown): void {
    this.#raised ??= { error };
  }

  // --- the end

  get #idle(): boolean {
    return this.#parts.dispatcher.queue.size === 0 && this.#callbacks.size === 0;
  }

  // A later macrotask, so that who awaits a future beside the run can still submit.
  #checkIdleLater(): void {
    if (!this.running || !this.#idle || this.#idleCheck !== undefined) return;
    this.#idleCheck = setImmediate(() => {
      this.#idleCheck = undefined;
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    if (!this.running || !this.#idle) return;
    if (this.#emptyEmitted) {
      if (this.#settings.endOnEmpty) this.#end("exhausted");
    } else {
      this.#emitEmpty();
      if (this.#settings.endOnEmpty) this.#checkIdleLater();
    }
  }

  #emitEmpty(): void {
    this.#emptyEmitted = true;
    this.#emit("empty");
  }

  async #untilEnd(): Promise<void> {
    const { timeout } = this.#settings;
    if (timeout === Infinity) return await this.#ended.promise;
    if (await settlesWithin(this.#ended.promise, timeout, userTimers()) || !this.running) return;
    if (this.#idle && !this.#emptyEmitted) this.#emitEmpty();
    this.#end(this.#idle && this.#settings.endOnEmpty ? "exhausted" : "timeout");
  }

  #end(code: ExitCode, message = "", exception?: unknown): void {
    if (!this.running) return;
    this.#exit = exception === undefined ? { code } : { code, exception };
    this.#laterCalls.cancelAll();
    clearImmediate(this.#idleCheck);
    if (code === "timeout") this.#emit("timeout");
    else if (code !== "exhausted") {
      this.#emit("stop", message, ...(exception === undefined ? [] : [exception]));
    }
    this.#ended.resolve();
  }

  #emit<K extends keyof SchedulerEvents>(name: K, ...args: EventArgs<SchedulerEvents[K]>): void {
    this.#emitsEnd = ENDING_EVENTS.has(name);
    inContext(this.#context, () => this.#parts.events.emit(name, ...args));
    this.#emitsEnd = false;
  }

  #interrupted(signal: string): void {
    this.#callbacks.interrupt();
    this.#abort(new DOMException(signal, "AbortError"));
  }

  #abort(reason: unknown): void {
    this.#aborted = true;
    this.#raise(reason);
    this.#end("stopped", "The run was aborted", reason);
    if (this.#finishing) this.#parts.dispatcher.drain(false);
  }

  async #finish(): Promise<ExitState> {
    const { dispatcher, waiters } = this.#parts;
    this.#emit("finishing");
    this.#finishing = true;
    dispatcher.drain(this.#aborted ? false : this.#settings.wait);
    if (dispatcher.queue.size > 0) await this.#drained.promise;
    const runaways = await this.#shutdown();
    const unheard = new SchedulerNotRunningError("The run has ended without this event");
    waiters.close(unheard, LAST_EVENT);
    await this.#callbacks.settle();
    this.#emit("finished");
    waiters.close(unheard);
    await this.#callbacks.settle();
    waiters.open();
    if (this.#osSignals.exitCode !== undefined) Deno.exit(this.#osSignals.exitCode);
    if (this.#raised !== undefined) throw this.#raised.error;
    return { code: "exhausted", ...this.#exit, runaways };
  }

  async #shutdown(): Promise<number | undefined> {
    const interrupted = this.#osSignals.exitCode !== undefined;
    try {
      const shutdown = this.#parts.executor.shutdown();
      // A program that is to exit does not wait for threads that never yield.
      if (interrupted && !await settlesWithin(shutdown, INTERRUPTED_SHUTDOWN_MS)) return undefined;
      return (await shutdown).runaways;
    } catch (error) {
      this.threw(error);
      return undefined;
    }
  }

  #attach(): () => void {
    const { signal, handleSignals } = this.#settings;
    const abort = () => {
      this.#callbacks.abandon();
      this.#abort(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (handleSignals) this.#osSignals.listen((name) => this.#interrupted(name));
    const letGo = keepAlive();
    return () => {
      letGo();
      signal?.removeEventListener("abort", abort);
      this.#osSignals.close();
    };
  }
}
