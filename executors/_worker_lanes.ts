/** The batches of one worker: sends them, and tells what has become of their calls. @module */

import { receiveMessageOnPort } from "node:worker_threads";
import { now } from "../scheduling/_time.ts";
import type { Call } from "../scheduling/executor.ts";
import { BatchLane, type Ended } from "./_batch_lane.ts";
import type { Batch } from "./_batching.ts";
import { transfer } from "./_comlink.ts";
import type { FunctionSource } from "../scheduling/function.ts";
import type { FunctionTable } from "./_function_table.ts";
import type { SentValues, SplitArgs } from "./_shared_values.ts";
import {
  type BatchMessage,
  type Column,
  IN_A_MESSAGE,
  type LaneOpening,
  type Outcome,
  type WorkerApi,
} from "./_protocol.ts";

// One that it works on, and one that it goes on with.
const LANES = 2;

/** The lanes of one worker. */
export class WorkerLanes {
  /** Whether more may be sent ahead of what the worker has to do. */
  maySendAhead = false;
  readonly #runBatch: WorkerApi["runBatch"];
  readonly #functions: FunctionTable;
  readonly #sent: Set<number>;
  readonly #values: SentValues;
  readonly #lanes: readonly BatchLane[] = Array.from({ length: LANES }, () => new BatchLane());
  readonly #free: BatchLane[] = [...this.#lanes];
  // In the order in which their batches were sent, which is that in which the worker answers.
  readonly #busy: BatchLane[] = [];
  #port: MessagePort | undefined;

  constructor(runBatch: WorkerApi["runBatch"], { functions, sent, values }: WorkerKnowledge) {
    this.#runBatch = runBatch;
    this.#functions = functions;
    this.#sent = sent;
    this.#values = values;
  }

  /** Whether one more batch can be sent. */
  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  /** Whether no batch is under way. */
  get idle(): boolean {
    return this.#busy.length === 0;
  }

  /** Whether calls that were sent may not have begun, or have ended and were not collected. */
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

  /**
   * Sends a batch. When none of its calls is left to begin, `through` is told at once what was not
   * collected before, so that nothing comes between. Of a call whose arguments cannot be sent it is
   * told soon, whatever those that were sent take.
   */
  async send({ calls, isShort }: Batch, through: (ended: Ended[]) => void): Promise<void> {
    const lane = this.#free.pop();
    if (lane === undefined) throw new Error("All lanes are busy");
    this.#busy.push(lane);
    this.maySendAhead = isShort;
    const opening = this.#port === undefined ? this.#open() : undefined;
    const { sent, refused, columns } = this.#pack(calls);
    lane.load(sent, now());
    const message = this.#message(lane, sent, columns, opening);
    if (refused.length > 0) queueMicrotask(() => through(refused));
    const receipt = await this.#runBatch(message);
    const ended = lane.collect(this.#nextOutcome);
    if (receipt !== undefined) {
      this.#takeAsUnsent(message);
      ended.push(...lane.cut().map((call) => refusal(call, receipt)));
    }
    this.#busy.splice(this.#busy.indexOf(lane), 1);
    lane.clear();
    this.#free.push(lane);
    through(ended);
  }

  /** Lets go of what the worker has not told. */
  close(): void {
    this.#port?.close();
    this.#port = undefined;
  }

  #takeAsUnsent({ functions = [], values, open }: BatchMessage): void {
    this.#values.lost(values);
    for (const [id] of functions) this.#sent.delete(id);
    if (open !== undefined) this.close();
  }

  readonly #nextOutcome = (): Outcome => {
    return receiveMessageOnPort(this.#port as never)?.message;
  };

  #open(): LaneOpening {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    return { buffers: this.#lanes.map(({ memory }) => memory.buffer), port: port2 };
  }

  #pack(calls: readonly Call[]): PackedBatch {
    const sent: Call[] = [];
    const refused: Ended[] = [];
    const columns: Columns = { args: [], counts: [], places: new Map() };
    for (const call of calls) {
      try {
        const { args, places } = this.#values.split(call.args);
        columns.counts.push(this.#packArgs(args, columns.args, calls.length === 1));
        if (places.length > 0) columns.places.set(sent.length, places);
        sent.push(call);
      } catch (unsent) {
        refused.push(refusal(call, { unsent }));
      }
    }
    return { sent, refused, columns };
  }

  #packArgs(args: readonly unknown[], all: unknown[], alone: boolean): number {
    if (alone || args.every(isPrimitive)) {
      all.push(...args);
      return args.length;
    }
    this.#port?.postMessage(args);
    return IN_A_MESSAGE;
  }

  #message(
    lane: BatchLane,
    calls: readonly Call[],
    { args, counts, places }: Columns,
    open: LaneOpening | undefined,
  ): BatchMessage {
    const functionIds: number[] = [];
    const functions: [number, FunctionSource][] = [];
    for (const call of calls) {
      const { id, source } = this.#functions.lookUp(call.function);
      functionIds.push(id);
      if (!this.#sent.has(id)) functions.push([id, source]);
      this.#sent.add(id);
    }
    const message: Writable<BatchMessage> = {
      lane: this.#lanes.indexOf(lane),
      count: calls.length,
      functionIds: column(functionIds),
      counts: column(counts),
      args,
    };
    if (places.size > 0) {
      message.places = places;
      message.values = this.#values.takeUnsent();
    }
    if (functions.length > 0) message.functions = functions;
    const moved: Transferable[] = calls.length === 1 ? [...calls[0]?.transfer ?? []] : [];
    if (open !== undefined) {
      message.open = open;
      moved.push(open.port);
    }
    return moved.length > 0 ? transfer(message, moved) : message;
  }
}

/** What the worker is sent only once, and has already. */
export interface WorkerKnowledge {
  readonly functions: FunctionTable;
  /** The numbers of the functions that it was sent. */
  readonly sent: Set<number>;
  readonly values: SentValues;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Calls with their arguments made ready to be sent, and those whose arguments cannot be sent. */
interface PackedBatch {
  readonly sent: readonly Call[];
  readonly refused: Ended[];
  readonly columns: Columns;
}

interface Columns {
  readonly args: unknown[];
  readonly counts: number[];
  readonly places: Map<number, SplitArgs["places"]>;
}

function refusal(call: Call, outcome: { readonly unsent: unknown }): Ended {
  return { call, outcome: { ok: false, ...outcome }, startedAt: undefined };
}

// One value stands for all where they are the same, as they mostly are.
function column(values: readonly number[]): Column<number> {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}

// Those that can be cloned.
function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === "object" ? value === null : type !== "function" && type !== "symbol";
}
