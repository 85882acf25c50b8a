/** The call in flight at a worker that takes one at a time, because it shares no memory. @module */

import { now } from "../../scheduling/_base/time.ts";
import type { Call } from "../../scheduling/executor.ts";
import { transfer } from "../_wire/comlink.ts";
import type {
  CallMessage,
  CallPlace,
  ChannelStart,
  Outcome,
  WorkerApi,
} from "../_wire/protocol.ts";
import type { WorkerChannels } from "../_channels/worker_channels.ts";
import type { Batch } from "./batch_size.ts";
import type { InFlight, LostCalls, SettledCall, StartedCall } from "./in_flight.ts";
import type { SentToWorker } from "./sent_to_worker.ts";

const NOTHING_LOST: LostCalls = { waiting: [], settled: [], running: undefined };

/** At most one call in flight. */
export class SingleCalls implements InFlight {
  readonly acceptsPrefetch = false;
  readonly corrupted = false;
  readonly needsWatch = false;
  readonly lowestPending: number = Infinity;
  readonly #run: WorkerApi["run"];
  readonly #sent: SentToWorker;
  readonly #channels: WorkerChannels;
  #call: Call | undefined;
  #startedAt: number | undefined;
  #answered = false;

  constructor(run: WorkerApi["run"], sent: SentToWorker, channels: WorkerChannels) {
    this.#run = run;
    this.#sent = sent;
    this.#channels = channels;
  }

  get size(): number {
    return this.#call === undefined ? 0 : 1;
  }

  get idle(): boolean {
    return this.#call === undefined;
  }

  get finishing(): boolean {
    return this.#call !== undefined && this.#answered;
  }

  get current(): Call | undefined {
    return this.#call;
  }

  get running(): StartedCall | undefined {
    const call = this.#call;
    const startedAt = this.#startedAt;
    if (call === undefined || startedAt === undefined || this.#answered) return undefined;
    return { call, startedAt };
  }

  holds(call: Call): boolean {
    return this.#call === call;
  }

  progress(): undefined {}

  callAt(): Call | undefined {
    return this.running?.call;
  }

  isUnanswered(place: CallPlace | undefined): boolean {
    if (this.#call === undefined || this.#answered) return false;
    return place === "single" || (place === undefined && this.#startedAt !== undefined);
  }

  isOverdue(): boolean {
    return false;
  }

  async send(
    { calls: [call] }: Batch,
    finished: (settled: readonly SettledCall[]) => void,
  ): Promise<void> {
    if (call === undefined) return;
    this.#call = call;
    this.#startedAt = undefined;
    this.#answered = false;
    try {
      const outcome = await request(this.#run, call, this.#sent, this.#channels.begin(call));
      if (this.#call !== call) return;
      this.#call = undefined;
      finished([{ call, outcome, startedAt: undefined }]);
    } catch (broken) {
      this.#answered = false;
      throw broken;
    }
  }

  markStarted(worker: number): Call | undefined {
    if (this.#call === undefined) return undefined;
    this.#startedAt = now();
    this.#call.started(this.#startedAt, worker);
    return this.#call;
  }

  markAnswered(): void {
    this.#answered = true;
  }

  takeBack(): Promise<Call[]> {
    return Promise.resolve([]);
  }

  takeBackBelow(): Promise<Call[]> {
    return this.takeBack();
  }

  collect(): SettledCall[] {
    return [];
  }

  collectBefore(): SettledCall[] {
    return [];
  }

  stopPrefetch(): void {}

  close(): LostCalls {
    const call = this.#call;
    // The answer has arrived and will settle the call.
    if (call === undefined || this.#answered) return NOTHING_LOST;
    this.#call = undefined;
    if (this.#startedAt === undefined) return { ...NOTHING_LOST, waiting: [call] };
    return { ...NOTHING_LOST, running: { call, startedAt: undefined } };
  }
}

/** Makes the worker call a function; rejects when the worker breaks the connection. */
export async function request(
  method: (message: CallMessage) => Promise<Outcome>,
  call: Pick<Call, "function" | "args" | "transfer" | "limits">,
  sent: SentToWorker,
  channel?: ChannelStart,
): Promise<Outcome> {
  let answer: Promise<Outcome>;
  try {
    const message = {
      functionId: sent.ensureFunction(call.function),
      ...sent.extractShared(call.args),
      limits: call.limits,
      channel,
    };
    answer = method(call.transfer.length > 0 ? transfer(message, [...call.transfer]) : message);
  } catch (unsent) {
    return { ok: false, unsent };
  }
  return await answer;
}
