/** The batches of one worker: sends them, and tells what has become of their calls. @module */

import { receiveMessageOnPort } from "node:worker_threads";
import { now } from "../scheduling/_time.ts";
import type { Call } from "../scheduling/executor.ts";
import { BatchLane, type Ended } from "./_batch_lane.ts";
import type { Batch } from "./_batching.ts";
import { transfer } from "./_comlink.ts";
import type { FunctionTable, NumberedFunction } from "./_function_table.ts";
import type { BatchMessage, LaneOpening, Outcome, SendOutcome, WorkerApi } from "./_protocol.ts";

// One that it works on, and one that it goes on with.
const LANES = 2;

/** What came of sending a batch. */
export interface SentBatch {
  readonly ended: readonly Ended[];
  /** Its calls, when it could not be sent, and why. */
  readonly refused?: { readonly calls: readonly Call[]; readonly cause: unknown };
}

/** The lanes of one worker. */
export class WorkerLanes {
  /** Whether more may be sent ahead of what the worker has to do. */
  maySendAhead = false;
  readonly #runBatch: WorkerApi["runBatch"];
  readonly #functions: FunctionTable;
  readonly #sent: Set<number>;
  readonly #lanes: readonly BatchLane[] = Array.from({ length: LANES }, () => new BatchLane());
  readonly #free: BatchLane[] = [...this.#lanes];
  // In the order in which their batches were sent, which is that in which the worker answers.
  readonly #busy: BatchLane[] = [];
  #outcomes: MessagePort | undefined;

  /** `sent` are the numbers of the functions that the worker knows. */
  constructor(runBatch: WorkerApi["runBatch"], functions: FunctionTable, sent: Set<number>) {
    this.#runBatch = runBatch;
    this.#functions = functions;
    this.#sent = sent;
  }

  /** Whether one more batch can be sent. */
  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  /** Whether no batch is under way. */
  get idle(): boolean {
    return this.#busy.length === 0;
  }

  /** Whether calls that were sent may not have begun. */
  get hasWaiting(): boolean {
    return this.#busy.some((lane) => lane.hasWaiting);
  }

  /** When the oldest batch was sent. */
  get busySince(): number {
    return this.#busy[0]?.sentAt ?? Infinity;
  }

  /** The call that has begun and not ended. */
  get running(): Call | undefined {
    return this.#busy.find((lane) => lane.running !== undefined)?.running;
  }

  /** The call that has begun and was not collected, after `cut()` and `collect()`. */
  get unfinished(): Call | undefined {
    return this.#busy.find((lane) => lane.unfinished !== undefined)?.unfinished;
  }

  /** Whether the call is part of a batch, and was not collected. */
  holds(call: Call): boolean {
    return this.#busy.some((lane) => lane.holds(call));
  }

  /** The call at a place, if it was not collected. */
  at(lane: number, index: number): Call | undefined {
    return this.#lanes[lane]?.at(index);
  }

  /** Reports that the call has begun, if it has and not ended. */
  refresh(call: Call): void {
    const lane = this.#busy.find((lane) => lane.running === call);
    if (lane !== undefined) call.started(lane.runningSince);
  }

  /** Takes back the calls that have not begun. */
  cut(): Call[] {
    return this.#busy.flatMap((lane) => lane.cut());
  }

  /** What has ended and was not collected before. */
  collect(): Ended[] {
    return this.#busy.flatMap((lane) => lane.collect(this.#nextOutcome));
  }

  /** Sends a batch; resolves when none of its calls is left to begin, with what was not collected. */
  async send({ calls, isShort }: Batch): Promise<SentBatch> {
    const lane = this.#free.pop();
    if (lane === undefined) throw new Error("All lanes are busy");
    this.maySendAhead = isShort;
    this.#busy.push(lane);
    lane.load(calls, now());
    const sending = await this.#ask(lane, calls);
    const result = sending.ok
      ? { ended: lane.collect(this.#nextOutcome) }
      : { ended: [], refused: { calls: lane.cut(), cause: sending.unsent } };
    this.#busy.splice(this.#busy.indexOf(lane), 1);
    lane.clear();
    this.#free.push(lane);
    return result;
  }

  /** Lets go of what the worker has not told. */
  close(): void {
    this.#outcomes?.close();
    this.#outcomes = undefined;
  }

  readonly #nextOutcome = (): Outcome => {
    return receiveMessageOnPort(this.#outcomes as never)?.message;
  };

  async #ask(lane: BatchLane, calls: readonly Call[]): Promise<SendOutcome> {
    const functions = calls.map((call) => this.#functions.lookUp(call.function));
    const unknown = new Set(functions.filter(({ id }) => !this.#sent.has(id)));
    const opening = this.#outcomes === undefined ? this.#open() : undefined;
    const message: BatchMessage = {
      lane: this.#lanes.indexOf(lane),
      functions: Array.from(unknown, ({ id, source }) => [id, source]),
      functionIds: idsOf(functions),
      args: calls.map((call) => call.args),
      open: opening?.message,
    };
    if (opening !== undefined) transfer(message, [opening.message.outcomes]);
    for (const { id } of unknown) this.#sent.add(id);
    this.#outcomes ??= opening?.port;
    const sending = await this.#runBatch(message);
    if (!sending.ok) {
      for (const { id } of unknown) this.#sent.delete(id);
      if (opening !== undefined) this.close();
    }
    return sending;
  }

  #open(): { readonly message: LaneOpening; readonly port: MessagePort } {
    const { port1, port2 } = new MessageChannel();
    const buffers = this.#lanes.map(({ memory }) => memory.buffer);
    return { message: { buffers, outcomes: port2 }, port: port1 };
  }
}

// One number stands for all where they are the same, as they mostly are.
function idsOf(functions: readonly NumberedFunction[]): number | number[] {
  const [first] = functions;
  if (first !== undefined && functions.every((fn) => fn === first)) return first.id;
  return functions.map(({ id }) => id);
}
