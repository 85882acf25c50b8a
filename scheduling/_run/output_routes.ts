/** Where the output of calls goes: to events, to the display of the run, or to that of the program. @module */

import { queueMicrotask, setImmediate } from "../_base/time.ts";
import { type OutputStream, print, untilPrinted } from "../_base/printer.ts";
import type { Emitter } from "../emitter.ts";
import type { Call, Executor } from "../executor.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import type { RunObserver } from "./run_observer.ts";
import { ScheduledCall } from "./scheduled_call.ts";

/** Shows what is printed during a run. */
export interface OutputDisplay {
  printed(text: string, stream: OutputStream, call: Call | undefined): void;
}

/** Knows the run and the state of its calls. */
export interface OutputObserver {
  readonly run: RunObserver | undefined;
  /** Whether reports about a call wait. */
  mustWait(call: ScheduledCall): boolean;
}

interface PrintedByCall {
  readonly call: ScheduledCall;
  readonly text: string;
  readonly stream: OutputStream;
}

/** Passes on what the calls of a scheduler print. */
export class OutputRoutes {
  readonly #executor: Executor;
  readonly #events: Emitter<SchedulerEvents>;
  readonly #observer: OutputObserver;
  readonly #emits: boolean;
  #display: OutputDisplay | undefined;
  #isCapturing = false;
  // Texts of calls that could not take reports when they arrived.
  #deferred: PrintedByCall[] = [];

  constructor(executor: Executor, events: Emitter<SchedulerEvents>, observer: OutputObserver) {
    this.#executor = executor;
    this.#events = events;
    this.#observer = observer;
    this.#emits = executor.features?.includes("output") ?? false;
  }

  /** A run begins, which may have a display. */
  begin(display?: OutputDisplay): void {
    if (!this.#emits && display === undefined) return;
    this.#display = display;
    this.#isCapturing = true;
    this.#capture((text, stream, call) => this.#printed(text, stream, call));
  }

  /** The workers of the run have ended. */
  async end(): Promise<void> {
    if (!this.#isCapturing) return;
    this.#isCapturing = false;
    this.#capture(undefined);
    this.#deferred = [];
    this.#display = undefined;
    await untilPrinted();
  }

  /** Passes on the deferred texts of a call that is about to settle. */
  flush(call: ScheduledCall): void {
    if (this.#deferred.length === 0) return;
    const own = this.#deferred.filter((each) => each.call === call);
    this.#deferred = this.#deferred.filter((each) => each.call !== call);
    for (const each of own) this.#emit(each);
  }

  #capture(listener: Parameters<NonNullable<Executor["captureOutput"]>>[0]): void {
    try {
      this.#executor.captureOutput?.(listener);
    } catch (error) {
      // Deferred: a run that has not started cannot end.
      queueMicrotask(() => this.#observer.run?.threw(error));
    }
  }

  #printed(text: string, stream: OutputStream, call: Call | undefined): void {
    if (!this.#isCapturing) return;
    if (this.#emits && call instanceof ScheduledCall) this.#passOn({ call, text, stream });
    else if (this.#display !== undefined) this.#display.printed(text, stream, call);
    else print(text, stream);
  }

  #passOn(printed: PrintedByCall): void {
    if (this.#deferred.length === 0 && !this.#observer.mustWait(printed.call)) {
      return this.#emit(printed);
    }
    this.#deferred.push(printed);
    if (this.#deferred.length === 1) this.#passOnLater();
  }

  #passOnLater(): void {
    setImmediate(() => {
      for (let [next] = this.#deferred; next !== undefined; [next] = this.#deferred) {
        // A callback may end the run.
        if (this.#observer.mustWait(next.call)) return this.#passOnLater();
        this.#deferred.shift();
        this.#emit(next);
      }
    });
  }

  // What a call prints after it was cancelled is dropped.
  #emit({ call, text, stream }: PrintedByCall): void {
    if (!call.settled) call.inContext(() => this.#emitEvents(call, text, stream));
  }

  #emitEvents(call: ScheduledCall, text: string, stream: OutputStream): void {
    const { run } = this.#observer;
    const { future, owner } = call;
    run?.defer();
    this.#events.emit("future-output", future, text, stream);
    if (!call.settled) owner?.emit("output", future, text, stream);
    run?.flush();
  }
}
