/** The life of one worker: start, calls, loss or end. @module */

import { show } from "../../scheduling/_base/check.ts";
import { callAfter } from "../../scheduling/_base/time.ts";
import { WorkerLostError } from "../../scheduling/errors.ts";
import type { Call } from "../../scheduling/executor.ts";
import type { TaskFunction } from "../../scheduling/function.ts";
import { NO_LIMITS } from "../../scheduling/limits.ts";
import type { Ended } from "../_calls/batch.ts";
import { type Batch, isLimited } from "../_calls/batch_size.ts";
import { transfer, wrap } from "../_wire/comlink.ts";
import { fromErrorRecord } from "../_wire/error_revival.ts";
import { limitError } from "../_calls/limit_error.ts";
import {
  type CallMessage,
  type CallPlace,
  type Outcome,
  type WorkerApi,
  wrapMessage,
} from "../_wire/protocol.ts";
import { reportUncaught } from "./stderr.ts";
import { type PoolTables, WorkerKnowledge } from "../_calls/sent_to_worker.ts";
import { WorkerLanes } from "../_calls/batched_calls.ts";
import type { Connect, WorkerEnd, WorkerLink } from "../_links/worker_link.ts";

/** The pool, as a slot sees it. */
export interface SlotHost {
  /** The worker has started: the slot takes calls. */
  ready(slot: WorkerSlot): void;
  /** The slot is through with a call or a batch. */
  through(slot: WorkerSlot, ended: readonly Ended[]): void;
  /** Its worker has ended by itself. */
  lost(slot: WorkerSlot, end: WorkerEnd, started: boolean): void;
  /** Calls that were sent are known not to have begun. */
  takenBack(calls: readonly Call[]): void;
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
  /** Its batches, if it takes any. */
  readonly lanes: WorkerLanes | undefined;
  /** Whether it takes no more calls, though it may have one. */
  retired = false;
  readonly #host: SlotHost;
  readonly #initializer: TaskFunction | undefined;
  // Kept, for a proxy makes a new one each time that it is asked for a method.
  readonly #run: WorkerApi["run"];
  readonly #knowledge: WorkerKnowledge;
  // Of its start, then of the wall time of its call.
  #stopTimer: () => void;
  // The call that came by itself.
  #single: Call | undefined;
  #lastName = "";
  #started = false;
  #answered = false;
  #state: "starting" | "ready" | "over" = "starting";

  constructor(start: SlotStart, tables: PoolTables, host: SlotHost) {
    this.#host = host;
    this.#initializer = start.initializer;
    this.link = start.connect({
      ready: () => this.#ready(),
      started: () => this.#begin(),
      answered: () => {
        this.#answered = true;
      },
      uncaught: (error, during) => this.#uncaught(error, during),
      ended: (end) => this.#lose(end),
    });
    const { run, runBatch } = wrap<WorkerApi>(this.link.endpoint);
    this.#run = run;
    const { endpoint } = this.link;
    this.#knowledge = new WorkerKnowledge(tables, (each) => endpoint.tell(wrapMessage(each)));
    if (this.link.sharesMemory) this.lanes = new WorkerLanes(runBatch, this.#knowledge);
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

  /** Whether it will take calls without having to do any before. */
  get soonIdle(): boolean {
    return this.starting || (this.#single === undefined && (this.lanes?.soonIdle ?? false));
  }

  /** Whether it has nothing to do. */
  get idle(): boolean {
    return this.#single === undefined && (this.lanes?.idle ?? true);
  }

  /** Whether it may be sent a batch ahead of what it has to do. */
  get takesAhead(): boolean {
    return this.#single === undefined && (this.lanes?.takesAhead ?? false);
  }

  /** The name of the task of the call that it is at, or was at last. */
  get taskName(): string {
    return this.lanes?.running?.name ?? this.#lastName;
  }

  /** Whether it was sent the call, and has not told what it came to. */
  holds(call: Call): boolean {
    return this.#single === call || (this.lanes?.holds(call) ?? false);
  }

  /** Whether the worker is at the call. */
  isAt(call: Call): boolean {
    return this.#single === call || this.lanes?.running === call;
  }

  /** Sends calls to the worker, which is idle or may be sent a batch ahead. */
  send(batch: Batch): void {
    const [first] = batch.calls;
    if (first === undefined) return;
    this.#lastName = first.name;
    if (this.lanes === undefined || isLimited(first)) this.#sendSingle(first);
    else this.#sendBatch(batch, this.lanes);
  }

  /** Has the worker let go of a shared value, if it has it. */
  release(valueId: number): void {
    this.#knowledge.release(valueId);
  }

  /** Ends the worker; what it has not told is no longer reported on. */
  terminate(): Promise<boolean | undefined> {
    this.#state = "over";
    this.#stopTimer();
    this.lanes?.close();
    if (!this.#answered) this.#single = undefined;
    return this.link.terminate();
  }

  async #sendBatch(batch: Batch, lanes: WorkerLanes): Promise<void> {
    try {
      await lanes.send(batch, (ended) => {
        this.retired ||= lanes.spoilt;
        this.#host.through(this, ended);
      });
    } catch (cause) {
      this.#lose({ reason: "died", message: "Its worker broke off a batch", cause });
    }
  }

  async #sendSingle(call: Call): Promise<void> {
    this.#single = call;
    this.#started = false;
    this.#answered = false;
    const outcome = await this.#ask(call);
    if (this.#single !== call || outcome === undefined) return;
    this.#single = undefined;
    this.#stopTimer();
    this.#host.through(this, [{ call, outcome, startedAt: undefined }]);
  }

  /** What became of a call; undefined when its worker has broken it off, and is lost by that. */
  async #ask(call: Request): Promise<Outcome | undefined> {
    let answer: Promise<Outcome>;
    try {
      answer = this.#run(this.#message(call));
    } catch (unsent) {
      return { ok: false, unsent };
    }
    try {
      return await answer;
    } catch (cause) {
      this.#answered = false;
      this.#lose({ reason: "died", message: "Its worker broke off a call", cause });
      return undefined;
    }
  }

  #message(call: Request): CallMessage {
    const message = {
      functionId: this.#knowledge.functionId(call.function),
      ...this.#knowledge.split(call.args),
      limits: call.limits,
    };
    return call.transfer.length > 0 ? transfer(message, [...call.transfer]) : message;
  }

  #begin(): void {
    const call = this.#single;
    if (call === undefined) return;
    this.#started = true;
    call.started();
    const { wallTime } = call.limits;
    if (wallTime === undefined || call !== this.#single) return;
    this.#stopTimer = callAfter(wallTime, () => this.#lose({ ...TIME_UP, limit: "wallTime" }));
  }

  async #ready(): Promise<void> {
    if (this.#state !== "starting") return;
    if (this.lanes !== undefined) {
      const opening = this.lanes.open();
      this.link.endpoint.tell(wrapMessage(opening), [opening.port]);
    }
    if (this.#initializer !== undefined) {
      const outcome = await this.#ask({ ...NO_CALL, function: this.#initializer });
      if (outcome?.ok === false) return this.#initializerFailed(outcome);
    }
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#stopTimer();
    this.#host.ready(this);
  }

  #initializerFailed(outcome: Outcome & { ok: false }): void {
    const cause = "error" in outcome ? fromErrorRecord(outcome.error) : outcome.unsent;
    const what = cause instanceof Error ? cause : show(cause);
    this.#lose({ reason: "died", message: `The initializer failed: ${what}`, cause });
  }

  #uncaught(error: unknown, during: CallPlace | undefined): void {
    const message = "An error that nobody caught ended its worker";
    const end: WorkerEnd = { reason: "uncaught-error", message, cause: error };
    if (this.#state === "starting" || this.#isUnanswered(during)) this.#lose(end);
    // Left behind by a call that has its answer: the next one has no part in it.
    else reportUncaught(error);
  }

  #isUnanswered(place: CallPlace | undefined): boolean {
    // Between two calls: what a call came to could not be told.
    if (place === undefined) return this.#isFinished;
    if (place === "alone") return this.#single !== undefined && !this.#answered;
    const call = this.lanes?.at(place.lane, place.index);
    return call !== undefined && call === this.lanes?.running;
  }

  get #isFinished(): boolean {
    const single = this.#single !== undefined && this.#started && !this.#answered;
    return single || (this.lanes?.soonIdle ?? false);
  }

  // The one path by which a call fails that its worker does not answer.
  #lose(end: WorkerEnd): void {
    if (this.#state === "over") return;
    const hadStarted = this.#state === "ready";
    const waiting = this.lanes?.cut() ?? [];
    const ended = this.lanes?.collect() ?? [];
    const begun = this.lanes?.unfinished;
    if (begun !== undefined) begun.started(this.lanes?.progress(begun)?.startedAt);
    const single = this.#answered ? undefined : this.#single;
    this.#host.lost(this, end, hadStarted);
    if (single !== undefined && !this.#started) waiting.push(single);
    // What was to move has gone with the worker, so such a call cannot be sent again.
    this.#host.takenBack(waiting.filter((call) => call.transfer.length === 0));
    this.#host.through(this, ended);
    for (const call of waiting) if (call.transfer.length > 0) fail(call, end);
    if (begun !== undefined) fail(begun, end);
    if (single !== undefined && this.#started) fail(single, end);
  }
}

function fail(call: Call, { message, reason, limit, ...details }: WorkerEnd): void {
  if (limit !== undefined && call.limits[limit] !== undefined) {
    return call.fail(limitError(call, limit));
  }
  const text = `${call.name} was lost: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  call.fail(new WorkerLostError(text, reason, details));
}
