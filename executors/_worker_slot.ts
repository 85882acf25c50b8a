/** The life of one worker: start, calls one after the other, loss or end. @module */

import { transfer, wrap } from "./_comlink.ts";
import { WorkerLostError } from "../scheduling/errors.ts";
import { callAfter } from "../scheduling/_time.ts";
import type { Call } from "../scheduling/executor.ts";
import type { TaskFunction } from "../scheduling/function.ts";
import { NO_LIMITS } from "../scheduling/limits.ts";
import { fromErrorRecord } from "./_error_record.ts";
import type { FunctionTable } from "./_function_table.ts";
import { limitError } from "./_limit_error.ts";
import type { CallMessage, Outcome, WorkerApi } from "./_protocol.ts";
import { reportUncaught } from "./_stderr.ts";
import { argumentError } from "./_uncloneable.ts";
import type { Connect, WorkerEnd, WorkerLink } from "./_worker_link.ts";

/** The pool, as a slot sees it. */
export interface SlotHost {
  /** The worker has started: the slot takes calls. */
  ready(slot: WorkerSlot): void;
  /** The slot takes calls again. */
  idle(slot: WorkerSlot): void;
  /** Sends calls to idle slots. */
  dispatch(): void;
  /** Its worker has ended by itself. */
  lost(slot: WorkerSlot, end: WorkerEnd, started: boolean): void;
  /** Its call was sent, and is known not to have begun. */
  takenBack(call: Call): void;
}

/** How the worker of a slot starts. */
export interface SlotStart {
  readonly connect: Connect;
  /** Milliseconds after which a worker that takes no calls counts as failed to start. */
  readonly timeout: number;
  /** What is called in it before it takes calls. */
  readonly initializer: TaskFunction | undefined;
}

/** What is sent of a call. */
type Request = Pick<Call, "function" | "args" | "transfer" | "limits">;

const NO_CALL = { args: [], transfer: [], limits: NO_LIMITS };
const TIME_UP = { reason: "died", message: "Its time was up" } as const;

/** One worker of a pool. */
export class WorkerSlot {
  readonly link: WorkerLink;
  /** The name of the task of its last call. */
  taskName = "";
  /** Whether it takes no more calls, though it may have one. */
  retired = false;
  readonly #host: SlotHost;
  readonly #initializer: TaskFunction | undefined;
  readonly #functions: FunctionTable;
  // Kept, for a proxy makes a new one each time that it is asked for a method.
  readonly #run: (message: CallMessage) => Promise<Outcome>;
  readonly #sent = new Set<number>();
  // Of its start, then of the wall time of its call.
  #stopTimer: () => void;
  #call: Call | undefined;
  #started = false;
  #answered = false;
  #state: "starting" | "ready" | "over" = "starting";

  constructor(start: SlotStart, functions: FunctionTable, host: SlotHost) {
    this.#host = host;
    this.#functions = functions;
    this.#initializer = start.initializer;
    this.link = start.connect({
      ready: () => this.#ready(),
      started: () => this.#begin(),
      answered: () => {
        this.#answered = true;
      },
      uncaught: (error) => this.#uncaught(error),
      ended: (end) => this.#lose(end),
    });
    this.#run = wrap<WorkerApi>(this.link.endpoint).run;
    // Last, for a worker that cannot even be made leaves no timer behind.
    this.#stopTimer = callAfter(start.timeout, () => {
      this.#lose({
        reason: "died",
        message: `Its worker was not ready within ${start.timeout} ms`,
      });
    });
  }

  /** Whether its worker has not yet said that it takes calls. */
  get starting(): boolean {
    return this.#state === "starting";
  }

  /** The call that the worker is running. */
  get call(): Call | undefined {
    return this.#call;
  }

  /** Sends a call to the idle worker. */
  async send(call: Call): Promise<void> {
    this.#call = call;
    this.#started = false;
    this.#answered = false;
    this.taskName = call.name;
    const outcome = await this.#ask(call);
    if (this.#call !== call) return;
    this.#call = undefined;
    this.#stopTimer();
    // Before the report, for its callbacks may submit the next call to this very worker.
    if (this.#state === "ready") this.#host.idle(this);
    report(call, outcome);
    this.#host.dispatch();
  }

  /** Ends the worker; a call that it has not answered is no longer reported on. */
  terminate(): Promise<boolean | undefined> {
    this.#state = "over";
    this.#stopTimer();
    if (!this.#answered) this.#call = undefined;
    return this.link.terminate();
  }

  async #ask(call: Request): Promise<Outcome> {
    const { id, source } = this.#functions.lookUp(call.function);
    const message: CallMessage = {
      functionId: id,
      function: this.#sent.has(id) ? undefined : source,
      args: call.args,
      limits: call.limits,
    };
    try {
      if (call.transfer.length > 0) transfer(message, [...call.transfer]);
      const answer = this.#run(message);
      this.#sent.add(id);
      const outcome = await answer;
      if ("unsent" in outcome) this.#sent.delete(id);
      return outcome;
    } catch (unsent) {
      return { ok: false, unsent };
    }
  }

  #begin(): void {
    const call = this.#call;
    if (call === undefined) return;
    this.#started = true;
    call.started();
    const { wallTime } = call.limits;
    if (wallTime === undefined || call !== this.#call) return;
    this.#stopTimer = callAfter(wallTime, () => this.#lose({ ...TIME_UP, limit: "wallTime" }));
  }

  async #ready(): Promise<void> {
    if (this.#initializer !== undefined) {
      const outcome = await this.#ask({ ...NO_CALL, function: this.#initializer });
      if (!outcome.ok) return this.#initializerFailed(outcome);
    }
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#stopTimer();
    this.#host.ready(this);
  }

  #initializerFailed(outcome: Outcome & { ok: false }): void {
    const cause = "error" in outcome ? fromErrorRecord(outcome.error) : outcome.unsent;
    this.#lose({ reason: "died", message: `The initializer failed: ${String(cause)}`, cause });
  }

  #uncaught(error: unknown): void {
    if (this.#state === "starting") {
      const message = "An error that nobody caught ended its worker as it started";
      return this.#lose({ reason: "uncaught-error", message, cause: error });
    }
    // Left behind by a call that has its answer: the next one has no part in it.
    if (this.#call === undefined || !this.#started || this.#answered) return reportUncaught(error);
    const message = "An error that nobody caught ended its worker";
    this.#lose({ reason: "uncaught-error", message, cause: error });
  }

  // The one path by which a call fails that its worker does not answer.
  #lose(end: WorkerEnd): void {
    if (this.#state === "over") return;
    const hadStarted = this.#state === "ready";
    const call = this.#answered ? undefined : this.#call;
    this.#host.lost(this, end, hadStarted);
    if (call === undefined) return;
    // What was to move has gone with the worker, so such a call cannot be sent again.
    if (this.#started || call.transfer.length > 0) call.fail(failureOf(call, end));
    else this.#host.takenBack(call);
  }
}

function report(call: Call, outcome: Outcome): void {
  if (outcome.ok) call.succeed(outcome.value);
  else if ("error" in outcome) call.fail(fromErrorRecord(outcome.error));
  else call.fail(argumentError(call, outcome.unsent));
}

function failureOf(call: Call, { message, reason, limit, ...details }: WorkerEnd): Error {
  if (limit !== undefined && call.limits[limit] !== undefined) return limitError(call, limit);
  return new WorkerLostError(`${call.name} was lost: ${lowerFirst(message)}`, reason, details);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
