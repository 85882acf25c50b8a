/** The calls in flight at a worker. @module */

import { callAfterGrace, now } from "../../scheduling/_base/time.ts";
import type { Call, CallProgress } from "../../scheduling/executor.ts";
import type { BatchMessage, CallPlace } from "../_wire/protocol.ts";
import type { WorkerProxy } from "../_wire/worker_proxy.ts";
import type { WorkerChannels } from "../_channels/worker_channels.ts";
import { SentBatch } from "./batch.ts";
import { type Batch, isLimited, reportsStart } from "./batch_size.ts";
import type { BatchTransport, StreamReport } from "./batch_transport.ts";
import type { InFlight, LostCalls, SettledCall, StartedCall } from "./in_flight.ts";
import { pack, refusal } from "./pack_batch.ts";
import type { SentToWorker } from "./sent_to_worker.ts";

// Several times the planned duration of a batch: a longer one delays its other calls.
const OVERDUE_MS = 5;
// A worker that runs a call for as long looks for messages before it starts the next one.
const ANSWER_MS = 10;

/** What the calls of a worker use of its connection. */
export interface BatchedCallsParts {
  readonly runBatch: WorkerProxy["runBatch"];
  /** The functions and shared values that the worker has. */
  readonly sent: SentToWorker;
  readonly transport: BatchTransport;
  readonly channels: WorkerChannels;
  /** Takes the output that the calls collected so far have printed. */
  takeOutput(): void;
}

/** At most two batches in flight. */
export class BatchedCalls implements InFlight {
  readonly #runBatch: WorkerProxy["runBatch"];
  readonly #sent: SentToWorker;
  readonly #transport: BatchTransport;
  readonly #channels: WorkerChannels;
  readonly #takeOutput: () => void;
  readonly #all: readonly SentBatch[];
  readonly #free: SentBatch[];
  // In the order of sending, in which the worker runs them.
  readonly #busy: SentBatch[] = [];
  #closed = false;
  #allowsPrefetch = false;
  #corrupted = false;
  #stopTimer: () => void = () => {};

  constructor({ runBatch, sent, transport, channels, takeOutput }: BatchedCallsParts) {
    this.#runBatch = runBatch;
    this.#sent = sent;
    this.#transport = transport;
    this.#all = transport.progress.map((progress) => new SentBatch(progress));
    this.#free = [...this.#all];
    this.#channels = channels;
    this.#takeOutput = takeOutput;
  }

  get size(): number {
    return this.#busy.reduce((sum, batch) => sum + batch.size, 0);
  }

  get idle(): boolean {
    return this.#busy.length === 0;
  }

  get finishing(): boolean {
    return this.#busy.length > 0 && this.#busy.every((batch) => batch.finished);
  }

  get acceptsPrefetch(): boolean {
    return this.#allowsPrefetch && this.#free.length > 0;
  }

  get corrupted(): boolean {
    return this.#corrupted || this.#transport.corrupted;
  }

  get current(): Call | undefined {
    return this.#busy.find((batch) => batch.running !== undefined)?.running;
  }

  get running(): StartedCall | undefined {
    const call = this.current;
    const startedAt = call && this.progress(call)?.startedAt;
    return call === undefined || startedAt === undefined ? undefined : { call, startedAt };
  }

  get runningPlace(): CallPlace | undefined {
    const running = this.#busy.find((batch) => batch.running !== undefined);
    const index = running?.runningIndex;
    return running && index !== undefined
      ? { batch: this.#all.indexOf(running), index }
      : undefined;
  }

  get needsWatch(): boolean {
    return this.#busy.some((batch) => batch.hasPending || batch.hasSettled);
  }

  get lowestPending(): number {
    const spared = this.#spared();
    return Math.min(...this.#busy.map((batch) => batch.lowestPending(batch === spared ? 1 : 0)));
  }

  holds(call: Call): boolean {
    return this.#busy.some((batch) => batch.holds(call));
  }

  progress(call: Call): CallProgress | undefined {
    for (const batch of this.#busy) {
      const progress = batch.progressOf(call);
      if (progress !== undefined) return progress;
    }
    return undefined;
  }

  callAt(place: CallPlace): Call | undefined {
    return this.#all[place.batch]?.callAt(place.index);
  }

  isUnanswered(place: CallPlace | undefined): boolean {
    if (place === undefined) return this.finishing;
    const call = this.#all[place.batch]?.at(place.index);
    return call !== undefined && call === this.current;
  }

  isOverdue(othersIdle: boolean): boolean {
    const [oldest] = this.#busy;
    if (oldest === undefined) return false;
    const age = now() - oldest.sentAt;
    // First, because what a process shows is in a file.
    if (age < OVERDUE_MS) return false;
    if (this.current !== undefined) return true;
    return othersIdle && this.#busy.some((batch) => batch.hasPending && age >= batch.patience);
  }

  async send(
    { calls, allowsPrefetch }: Batch,
    finished: (settled: readonly SettledCall[]) => void,
  ): Promise<void> {
    const batch = this.#free.pop();
    if (batch === undefined) throw new Error("Both batches are in flight");
    this.#busy.push(batch);
    this.#allowsPrefetch = allowsPrefetch;
    const ack = await this.#post(batch, calls);
    if (this.#closed) return;
    batch.progress.seal();
    const refused = ack === undefined
      ? []
      : batch.takeBackPending().map((call) => refusal(call, ack));
    const settled = [...refused, ...this.#collectFrom([batch])];
    settled.push(...this.#collectMissing(batch));
    this.#busy.splice(this.#busy.indexOf(batch), 1);
    batch.clear();
    this.#free.push(batch);
    finished(settled);
  }

  #post(batch: SentBatch, calls: readonly Call[]): ReturnType<WorkerProxy["runBatch"]> {
    this.#transport.open();
    const packed = pack(calls, this.#sent, this.#transport);
    batch.load(calls, packed.refused, now());
    const [single] = calls.length === 1 ? calls : [];
    const message: BatchMessage = {
      batch: this.#all.indexOf(batch),
      reportsStart: calls.some(reportsStart),
      channel: single && this.#channels.begin(single),
      limits: single && isLimited(single) ? single.limits : undefined,
      ...packed.message,
    };
    this.#transport.flush();
    batch.messageNumber = this.#transport.nextMessage;
    return this.#runBatch(message, single?.transfer ?? []);
  }

  markStarted(worker: number): Call | undefined {
    // A short call may have ended before the report of its start arrives.
    const call = this.current ?? this.#busy[0]?.unfinished;
    call?.started(this.progress(call)?.startedAt, worker);
    return call;
  }

  markAnswered(messageNumber: number): void {
    const batch = this.#busy.find((each) => each.messageNumber === messageNumber);
    if (batch !== undefined) batch.answered = true;
  }

  receive(report: StreamReport): void {
    // Not always the first one: the worker cannot read every batch.
    const current = this.#busy.find(({ answered }) => !answered);
    this.#transport.receive(current?.progress, report);
    if (this.#transport.isWaiting) this.#boundWait();
  }

  takeBack(): Promise<Call[]> {
    this.stopPrefetch();
    const halted = this.#transport.halt();
    if (halted === undefined) return Promise.resolve(this.#takeBackPending());
    this.#boundWait();
    return halted.then(() => this.#closed ? [] : this.#takeBackPending());
  }

  /** Waits no longer for the answer of a worker if it computes a cancelled call, because it is to end. */
  #boundWait(): void {
    const { current } = this;
    if (!current?.settled) return;
    this.#stopTimer();
    this.#stopTimer = callAfterGrace(ANSWER_MS, () => {
      if (this.current === current) this.#transport.stopWaiting();
    });
  }

  takeBackBelow(priority: number): Promise<Call[]> {
    if (this.#busy.some((batch) => batch.lowestPriority < priority)) this.stopPrefetch();
    const spared = this.#spared();
    return Promise.resolve(
      this.#takeBackEach((batch) => batch.takeBackBelow(priority, batch === spared ? 1 : 0)),
    );
  }

  /** The batch with the call that is about to start, if none is running. */
  #spared(): SentBatch | undefined {
    if (this.current !== undefined) return undefined;
    return this.#busy.find((batch) => batch.hasUnstarted);
  }

  collect(): SettledCall[] {
    return this.#collectFrom(this.#busy.filter((batch) => !batch.waitsForAnswer));
  }

  // Their output has arrived, because that of the call at this place has.
  collectBefore(place: CallPlace): SettledCall[] {
    const last = this.#all[place.batch];
    const batches = this.#busy.slice(0, this.#busy.findIndex((batch) => batch === last) + 1);
    return batches.flatMap((batch) =>
      batch.collect(() => {}, batch === last ? place.index : Infinity)
    );
  }

  stopPrefetch(): void {
    this.#allowsPrefetch = false;
  }

  close(): LostCalls {
    const waiting = this.#takeBackPending();
    const settled = this.#collectFrom(this.#busy);
    const running = this.#takeRunning();
    this.#closed = true;
    this.#stopTimer();
    this.#transport.close();
    return { waiting, settled, running };
  }

  resolveDoubts(isUnreadable: boolean): LostCalls {
    if (!isUnreadable) { for (const { progress } of this.#busy) progress.seal(); }
    const waiting = this.#takeBackPending();
    const settled = this.#busy.flatMap((batch) => [
      ...this.#collectFrom([batch]),
      ...batch.collectMissing(batch.progress.ended),
    ]);
    const running = this.#takeRunning();
    // Those that were not taken back may have started.
    settled.push(...this.#busy.flatMap((batch) => batch.collectMissing()));
    this.#busy.length = 0;
    return { waiting, settled, running };
  }

  #takeRunning(): LostCalls["running"] {
    const running = this.running;
    for (const batch of this.#busy) {
      const call = batch.takeRunning();
      if (call !== undefined) return { call, startedAt: running?.startedAt };
    }
    return undefined;
  }

  #collectMissing(batch: SentBatch): SettledCall[] {
    const missing = batch.collectMissing();
    this.#corrupted ||= missing.length > 0;
    return missing;
  }

  #collectFrom(batches: readonly SentBatch[]): SettledCall[] {
    return batches.flatMap((batch) => batch.collect(this.#takeOutput));
  }

  #takeBackPending(): Call[] {
    return this.#takeBackEach((batch) => batch.takeBackPending());
  }

  #takeBackEach(take: (batch: SentBatch) => Call[]): Call[] {
    // The last batch first: the worker would continue with it once the first one is closed.
    return this.#busy.reduceRight<Call[]>((later, batch) => [...take(batch), ...later], []);
  }
}
