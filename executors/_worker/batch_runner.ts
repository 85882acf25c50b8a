/** The worker's side of batches: claims their calls one by one and delivers their outcomes. @module */

import { isThenable } from "../../scheduling/_base/is_thenable.ts";
import type { CallLimits } from "../../scheduling/limits.ts";
import type { RunProgress } from "../_progress/progress.ts";
import {
  type BatchMessage,
  type CallPlace,
  type Column,
  NO_FUNCTION,
  type Outcome,
  SEPARATE_MESSAGE,
} from "../_wire/protocol.ts";
import type { Arguments, BatchConnection } from "./batch_connection.ts";
import type { Channels } from "./channels.ts";
import type { WorkerRuntime } from "./runtime.ts";

// Read once, because reading it is slow.
const TIME_ORIGIN = performance.timeOrigin;
// Kept, because tasks may replace them.
const clock = performance.now.bind(performance);
const Channel = MessageChannel;
const post: (port: MessagePort, message: unknown) => void = Function.prototype.call.bind(
  MessagePort.prototype.postMessage,
);

/** A batch of which the call at `index` is running, or none yet if that is -1. */
interface RunningBatch {
  readonly progress: RunProgress;
  readonly connection: BatchConnection;
  readonly message: BatchMessage;
  readonly args: ArgumentReader;
  index: number;
  functionId: number;
}

/** Watches the limits of a call. */
export interface CallWatchdog {
  begin(limits: CallLimits): void;
  end(): void;
}

/** Runs batches, one after the other. */
export class BatchRunner {
  readonly #runtime: WorkerRuntime;
  readonly #channels: Channels;
  readonly #watchdog: CallWatchdog | undefined;
  readonly #onStart: () => void;
  #connection: BatchConnection | undefined;
  #last: Promise<undefined> = Promise.resolve(undefined);
  #running: RunningBatch | undefined;
  readonly #turns = new Turns();
  // Whether calls have ended since the last turn: they may have left work behind for the event loop.
  #hasRun = false;
  #stopped = false;

  /** `onStart` is called when a call starts whose start is to be reported. */
  constructor(
    runtime: WorkerRuntime,
    channels: Channels,
    watchdog: CallWatchdog | undefined,
    onStart: () => void,
  ) {
    this.#runtime = runtime;
    this.#channels = channels;
    this.#watchdog = watchdog;
    this.#onStart = onStart;
  }

  /** The running call. */
  get place(): CallPlace | undefined {
    const batch = this.#running;
    if (batch === undefined || batch.index < 0) return undefined;
    return { batch: batch.message.batch, index: batch.index };
  }

  /** The call whose function has not ended. */
  get runningPlace(): CallPlace | undefined {
    const batch = this.#running;
    return batch !== undefined && batch.progress.done <= batch.index ? this.place : undefined;
  }

  /** Starts no more calls and drops the outcome of the running one, because the worker is ending. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether the worker is ending. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes what connects it to the pool. */
  connect(connection: BatchConnection): void {
    this.#connection = connection;
  }

  /** Runs a batch after those before it. */
  run(message: BatchMessage): Promise<undefined> {
    const connection = this.#connection;
    if (connection === undefined) throw new Error("Nothing connects the batches to the pool");
    const progress = connection.progressOf(message.batch);
    progress.expect(message.count);
    const ran = this.#last.then(() => this.#runCalls(message, connection, progress));
    // comlink sends the answer two microtasks after the end: what the next batch sends follows it.
    this.#last = ran.then(pass).then(pass).then(pass);
    return ran;
  }

  /** Drops a shared value, once the batches that were sent before have ended. */
  release(id: number): void {
    this.#last.then(() => this.#runtime.release(id));
  }

  async #runCalls(
    message: BatchMessage,
    connection: BatchConnection,
    progress: RunProgress,
  ): Promise<undefined> {
    if (this.#runtime.preparing !== undefined) await this.#runtime.preparing;
    const prepared = connection.prepare(message);
    if (prepared !== undefined) await prepared;
    if (message.channel !== undefined) await this.#channels.load();
    const batch = this.#running = this.#begin(message, connection, progress);
    for (;;) {
      if (this.#hasRun && this.#nextMayWait(batch)) await this.#turn(progress);
      if (this.#stopped) return await never();
      const index = progress.claim();
      if (index < 0) break;
      const ran = this.#runCall(batch, index);
      if (ran !== undefined) await ran;
      if (this.#stopped) return await never();
      this.#runtime.onCallEnd?.();
      if (message.limits !== undefined) this.#watchdog?.end();
      progress.end(index, now());
      this.#hasRun = true;
    }
    progress.flush();
    this.#running = undefined;
    batch.args.discard();
    return undefined;
  }

  #begin(
    message: BatchMessage,
    connection: BatchConnection,
    progress: RunProgress,
  ): RunningBatch {
    this.#checkFunctions(message);
    const args = new ArgumentReader(message, () => connection.nextArguments());
    progress.begin(now());
    return { progress, connection, message, args, index: -1, functionId: NO_FUNCTION };
  }

  #checkFunctions({ functionIds }: BatchMessage): void {
    for (const id of typeof functionIds === "number" ? [functionIds] : functionIds) {
      if (id !== NO_FUNCTION) this.#runtime.check(id);
    }
  }

  #nextMayWait({ progress, message }: RunningBatch): boolean {
    const { next } = progress;
    if (next < 0) return false;
    return progress.mayBeAsked || this.#runtime.mayWait(at(message.functionIds, next));
  }

  // Lets the event loop handle what the calls before left behind, such as the end of their worker.
  async #turn(progress: RunProgress): Promise<void> {
    progress.flush();
    await this.#turns.next();
    this.#hasRun = false;
  }

  // Returns a promise only if the call does, because awaiting costs more than a trivial call.
  #runCall(batch: RunningBatch, index: number): Promise<void> | undefined {
    const args = batch.args.next(index);
    const functionId = at(batch.message.functionIds, index);
    if (functionId === NO_FUNCTION) {
      batch.progress.skip(index);
      return undefined;
    }
    batch.index = index;
    batch.functionId = functionId;
    if (batch.message.reportsStart) this.#onStart();
    if (batch.message.limits !== undefined) this.#watchdog?.begin(batch.message.limits);
    if (!("unread" in args)) return this.#call(batch, args);
    this.#send(batch, { ok: false, unsent: args.unread });
    return undefined;
  }

  #call(batch: RunningBatch, args: readonly unknown[]): Promise<void> | undefined {
    const { message, index, functionId } = batch;
    try {
      const all = this.#runtime.complete(args, message.places?.get(index));
      const returned = this.#runtime.call(functionId, all, message.channel);
      if (isThenable(returned)) {
        this.#runtime.noteWait(functionId);
        return this.#settle(batch, returned);
      }
      this.#keep(batch, returned);
    } catch (error) {
      this.#send(batch, this.#runtime.failure(error));
    }
    return undefined;
  }

  async #settle(batch: RunningBatch, returned: PromiseLike<unknown>): Promise<void> {
    try {
      this.#keep(batch, await returned);
    } catch (error) {
      this.#send(batch, this.#runtime.failure(error));
    }
  }

  #keep(batch: RunningBatch, value: unknown): void {
    if (!batch.progress.keep(batch.index, value)) this.#send(batch, { ok: true, value });
  }

  // At once: a worker that is terminated must not take the outcomes of ended calls with it.
  #send({ progress, connection, index, functionId }: RunningBatch, outcome: Outcome): void {
    progress.markSent(index);
    try {
      connection.send(outcome);
    } catch (cause) {
      connection.send(this.#runtime.unsendable(functionId, outcome, cause));
    }
  }
}

/** Turns of the event loop, made by messages: a timer would take a millisecond. */
class Turns {
  #ports: MessageChannel | undefined;

  async next(): Promise<void> {
    // Two, because every other message arrives while microtasks are still pending.
    await this.#message();
    await this.#message();
  }

  #message(): Promise<void> {
    const { port1, port2 } = this.#ports ??= new Channel();
    return new Promise((resolve) => {
      port2.onmessage = () => resolve();
      post(port1, undefined);
    });
  }
}

function pass(): undefined {}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** Reads the arguments of the calls of a batch, in their order. */
class ArgumentReader {
  readonly #message: BatchMessage;
  readonly #receive: () => Arguments;
  #offset = 0;
  #received = 0;

  constructor(message: BatchMessage, receive: () => Arguments) {
    this.#message = message;
    this.#receive = receive;
  }

  next(index: number): Arguments {
    const count = at(this.#message.counts, index);
    if (count === SEPARATE_MESSAGE) {
      this.#received++;
      return this.#receive();
    }
    this.#offset += count;
    return this.#message.args.slice(this.#offset - count, this.#offset);
  }

  /** Reads past the messages of calls that were taken back. */
  discard(): void {
    while (this.#received++ < this.#message.messages) this.#receive();
  }
}

function at(column: Column<number>, index: number): number {
  return typeof column === "number" ? column : column[index] ?? 0;
}

// Workers have clocks of their own.
function now(): number {
  return TIME_ORIGIN + clock();
}
