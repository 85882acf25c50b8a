/** The batches of one worker: sends them, and tells what has become of their calls. @module */

import process from "node:process";
import { now } from "../../scheduling/_base/time.ts";
import type { Call, CallProgress } from "../../scheduling/executor.ts";
import { BatchLane, type Ended } from "./batch.ts";
import type { Batch } from "./batch_size.ts";
import { pack, refusal } from "./pack_batch.ts";
import { transfer } from "../_wire/comlink.ts";
import {
  type BatchMessage,
  type Delivery,
  disclose,
  enclose,
  type Outcome,
  type WorkerApi,
} from "../_wire/protocol.ts";
import type { WorkerKnowledge } from "./sent_to_worker.ts";

// One that it works on, and one that it goes on with.
const LANES = 2;

/** The lanes of one worker. */
export class WorkerLanes {
  // Not imported: so it is loaded while the worker starts.
  readonly #receive = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort;
  readonly #runBatch: WorkerApi["runBatch"];
  readonly #knowledge: WorkerKnowledge;
  readonly #lanes: readonly BatchLane[] = Array.from({ length: LANES }, () => new BatchLane());
  readonly #free: BatchLane[] = [...this.#lanes];
  // In the order in which their batches were sent, which is that in which the worker answers.
  readonly #busy: BatchLane[] = [];
  #port: MessagePort | undefined;
  #soonThrough = false;
  #spoilt = false;

  constructor(runBatch: WorkerApi["runBatch"], knowledge: WorkerKnowledge) {
    this.#runBatch = runBatch;
    this.#knowledge = knowledge;
  }

  /** Opens the lanes on this side; returns what opens them on the other. */
  open(): Delivery & { type: "lanes" } {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    return { type: "lanes", buffers: this.#lanes.map(({ memory }) => memory.buffer), port: port2 };
  }

  /** Whether a batch may be sent ahead of what the worker has to do. */
  get takesAhead(): boolean {
    return this.#soonThrough && this.#free.length > 0;
  }

  /** Sends nothing ahead until the next batch that is short. */
  stopSendingAhead(): void {
    this.#soonThrough = false;
  }

  /** Whether the worker has not told what it should have: a task has spoilt it. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  /** Whether no batch is under way. */
  get idle(): boolean {
    return this.#busy.length === 0;
  }

  /** Whether the worker is through with its batches, and has yet to say so. */
  get soonIdle(): boolean {
    return this.#busy.length > 0 && this.#busy.every((lane) => lane.isThrough);
  }

  /** Whether calls that were sent may not have begun. */
  get hasWaiting(): boolean {
    return this.#busy.some((lane) => lane.hasWaiting);
  }

  /** Whether calls have ended that were not collected. */
  get hasEnded(): boolean {
    return this.#busy.some((lane) => lane.hasEnded);
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

  /** How far a call is that has begun and was not collected. */
  progress(call: Call): CallProgress | undefined {
    for (const lane of this.#busy) {
      const progress = lane.progress(call);
      if (progress !== undefined) return progress;
    }
    return undefined;
  }

  /** Takes back the calls that have not begun. */
  cut(): Call[] {
    // The last first, or the worker would go on with it once those before it are cut.
    return this.#busy.reduceRight<Call[]>((later, lane) => [...lane.cut(), ...later], []);
  }

  /** What has ended and was not collected before. */
  collect(): Ended[] {
    return this.#busy.flatMap((lane) => lane.collect(this.#nextOutcome));
  }

  /**
   * Sends a batch. When none of its calls is left to begin, `through` is told at once what was not
   * collected before, so that nothing comes between.
   */
  async send({ calls, isShort }: Batch, through: (ended: Ended[]) => void): Promise<void> {
    const lane = this.#free.pop();
    if (lane === undefined) throw new Error("All lanes are busy");
    this.#busy.push(lane);
    this.#soonThrough = isShort;
    const packed = pack(calls, this.#knowledge, (args) => this.#port?.postMessage(enclose(args)));
    lane.load(packed.calls, packed.refused, now());
    const message: BatchMessage = { lane: this.#lanes.indexOf(lane), ...packed.message };
    const [alone] = calls.length === 1 ? calls : [];
    const moved = [...alone?.transfer ?? []];
    const receipt = await this.#runBatch(moved.length > 0 ? transfer(message, moved) : message);
    const refused = receipt === undefined ? [] : lane.cut().map((call) => refusal(call, receipt));
    const ended = [...refused, ...lane.collect(this.#nextOutcome)];
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

  readonly #nextOutcome = (): Outcome | undefined => {
    const received = this.#receive(this.#port as never);
    const outcome = received && disclose(received.message) as Outcome | undefined;
    this.#spoilt ||= outcome === undefined;
    return outcome;
  };
}
