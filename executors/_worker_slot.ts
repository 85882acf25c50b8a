/** The life of one worker: start, calls one after the other, loss or end. @module */

import { transfer, wrap } from "./_comlink.ts";
import { WorkerLostError } from "../scheduling/errors.ts";
import type { Call } from "../scheduling/executor.ts";
import { fromErrorRecord } from "./_error_record.ts";
import type { FunctionTable } from "./_function_table.ts";
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
  returned(call: Call): void;
}

/** One worker of a pool. */
export class WorkerSlot {
  readonly link: WorkerLink;
  /** The name of the task of its last call. */
  taskName = "";
  readonly #host: SlotHost;
  readonly #functions: FunctionTable;
  // Kept, for a proxy makes a new one each time that it is asked for a method.
  readonly #run: (message: CallMessage) => Promise<Outcome>;
  readonly #sent = new Set<number>();
  #call: Call | undefined;
  #state: "starting" | "ready" | "over" = "starting";

  constructor(connect: Connect, functions: FunctionTable, host: SlotHost) {
    this.#host = host;
    this.#functions = functions;
    this.link = connect({
      ready: () => this.#ready(),
      uncaught: (error) => this.#uncaught(error),
      ended: (end) => this.#lose(end),
    });
    this.#run = wrap<WorkerApi>(this.link.endpoint).run;
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
    this.taskName = call.name;
    call.started();
    const outcome = await this.#ask(call);
    if (this.#call !== call) return;
    this.#call = undefined;
    // Before the report, for its callbacks may submit the next call to this very worker.
    this.#host.idle(this);
    report(call, outcome);
    this.#host.dispatch();
  }

  /** Ends the worker; the call that it runs is no longer reported on. */
  terminate(): Promise<boolean | undefined> {
    this.#state = "over";
    this.#call = undefined;
    return this.link.terminate();
  }

  async #ask(call: Call): Promise<Outcome> {
    try {
      const message = this.#message(call);
      if (call.transfer.length > 0) transfer(message, [...call.transfer]);
      return await this.#run(message);
    } catch (unsent) {
      return { ok: false, unsent };
    }
  }

  #message({ function: fn, args }: Call): CallMessage {
    const { id, source } = this.#functions.lookUp(fn);
    const known = this.#sent.has(id);
    this.#sent.add(id);
    return { functionId: id, function: known ? undefined : source, args };
  }

  #ready(): void {
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#host.ready(this);
  }

  #uncaught(error: unknown): void {
    if (this.#call === undefined) return reportUncaught(error);
    const message = "An error that nobody caught ended its worker";
    this.#lose({ reason: "uncaught-error", message, cause: error });
  }

  // The one path by which a call fails that its worker does not answer.
  #lose(end: WorkerEnd): void {
    if (this.#state === "over") return;
    const started = this.#state === "ready";
    this.#state = "over";
    const call = this.#call;
    this.#call = undefined;
    this.#host.lost(this, end, started);
    if (call === undefined) return;
    if (end.wasIdle) this.#host.returned(call);
    else call.fail(lostError(call, end));
  }
}

function report(call: Call, outcome: Outcome): void {
  if (outcome.ok) call.succeed(outcome.value);
  else if ("error" in outcome) call.fail(fromErrorRecord(outcome.error));
  else call.fail(argumentError(call.name, call.args, outcome.unsent));
}

function lostError(call: Call, { message, reason, ...details }: WorkerEnd): WorkerLostError {
  return new WorkerLostError(`${call.name} was lost: ${lowerFirst(message)}`, reason, details);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
