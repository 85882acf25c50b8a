/** The worker's side of batches: claims their calls one by one and delivers their outcomes. @module */

import type { receiveMessageOnPort } from "node:worker_threads";
import { isThenable } from "../../scheduling/_base/is_thenable.ts";
import { BatchMemory } from "../_wire/batch_memory.ts";
import {
  type BatchMessage,
  boxed,
  type CallPlace,
  type Column,
  NO_FUNCTION,
  type Outcome,
  SEPARATE_MESSAGE,
  unboxed,
} from "../_wire/protocol.ts";
import { checkObjects } from "../_wire/medium.ts";
import { transferablesOfOutcome, type WorkerRuntime } from "./runtime.ts";

// Read once, because reading it is slow.
const TIME_ORIGIN = performance.timeOrigin;
// Kept, because tasks may replace them.
const clock = performance.now.bind(performance);
const Channel = MessageChannel;
const post: (port: MessagePort, message: unknown, transfer?: Transferable[]) => void = Function
  .prototype.call.bind(MessagePort.prototype.postMessage);

/** The arguments of a call, or why they cannot be read. */
type Arguments = readonly unknown[] | { readonly unread: unknown };

/** Runs batches, one after the other. */
export class BatchRunner {
  readonly #runtime: WorkerRuntime;
  readonly #onStart: () => void;
  #memories: readonly BatchMemory[] = [];
  #port: MessagePort | undefined;
  #receive: typeof receiveMessageOnPort | undefined;
  #last: Promise<undefined> = Promise.resolve(undefined);
  #running: RunningBatch | undefined;
  readonly #turns = new Turns();
  // Whether calls have ended since the last turn: they may have left work behind for the event loop.
  #hasRun = false;
  #stopped = false;

  /** `onStart` is called when a call starts whose start is to be reported. */
  constructor(runtime: WorkerRuntime, onStart: () => void) {
    this.#runtime = runtime;
    this.#onStart = onStart;
  }

  /** The call that is being run. */
  get place(): CallPlace | undefined {
    return this.#running?.place;
  }

  /** Starts no more calls and drops the outcome of the running one, because the worker is ending. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether the worker is ending. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes the memories and the port that connect it to the pool. */
  open(buffers: readonly SharedArrayBuffer[], port: MessagePort): void {
    this.#memories = buffers.map((buffer) => new BatchMemory(buffer));
    this.#port = port;
  }

  /** Runs a batch after those before it. */
  run(message: BatchMessage): Promise<undefined> {
    return this.#last = this.#last.then(() => this.#runCalls(message));
  }

  /** Drops a shared value, once the batches that were sent before have ended. */
  release(id: number): void {
    this.#last.then(() => this.#runtime.release(id));
  }

  async #runCalls(message: BatchMessage): Promise<undefined> {
    if (message.messages > 0) this.#receive ??= await loadReceive();
    const batch = this.#running = this.#begin(message);
    const { memory } = batch;
    for (;;) {
      if (this.#hasRun && batch.nextMayWait) await this.#turn();
      if (this.#stopped) return await never();
      const index = memory.claim();
      if (index < 0) break;
      const ran = batch.run(index);
      if (ran !== undefined) await ran;
      if (this.#stopped) return await never();
      memory.end(index, now());
      this.#hasRun = true;
    }
    this.#running = undefined;
    batch.discard();
    return undefined;
  }

  #begin(message: BatchMessage): RunningBatch {
    const memory = this.#memories[message.memory];
    const port = this.#port;
    if (memory === undefined || port === undefined) {
      throw new Error(`There is no batch memory ${message.memory}`);
    }
    checkFunctions(message, this.#runtime);
    memory.begin(now());
    const args = new ArgumentReader(message, () => nextArguments(this.#receive, port));
    const onStart = message.reportsStart ? this.#onStart : undefined;
    return new RunningBatch({ memory, message, args, port, runtime: this.#runtime, onStart });
  }

  // Lets the event loop handle what the calls before left behind, such as the end of their worker.
  async #turn(): Promise<void> {
    await this.#turns.next();
    this.#hasRun = false;
  }
}

function checkFunctions({ functionIds }: BatchMessage, runtime: WorkerRuntime): void {
  for (const id of typeof functionIds === "number" ? [functionIds] : functionIds) {
    if (id !== NO_FUNCTION) runtime.check(id);
  }
}

function nextArguments(
  receive: typeof receiveMessageOnPort | undefined,
  port: MessagePort,
): Arguments {
  let received: ReturnType<typeof receiveMessageOnPort>;
  try {
    received = receive?.(port as never);
  } catch (unread) {
    return { unread };
  }
  return unboxed(received?.message) as readonly unknown[];
}

interface BatchParts {
  readonly memory: BatchMemory;
  readonly message: BatchMessage;
  readonly args: ArgumentReader;
  readonly port: MessagePort;
  readonly runtime: WorkerRuntime;
  /** Called when a call starts. */
  readonly onStart: (() => void) | undefined;
}

/** Runs the calls of one batch. */
class RunningBatch {
  readonly memory: BatchMemory;
  readonly #message: BatchMessage;
  readonly #args: ArgumentReader;
  readonly #port: MessagePort;
  readonly #runtime: WorkerRuntime;
  readonly #onStart: (() => void) | undefined;
  #index = -1;
  #functionId = NO_FUNCTION;

  constructor({ memory, message, args, port, runtime, onStart }: BatchParts) {
    this.memory = memory;
    this.#message = message;
    this.#args = args;
    this.#port = port;
    this.#runtime = runtime;
    this.#onStart = onStart;
  }

  /** The call that is being run. */
  get place(): CallPlace | undefined {
    return this.#index < 0 ? undefined : { memory: this.#message.memory, index: this.#index };
  }

  /** Whether the next call may have to wait for the event loop. */
  get nextMayWait(): boolean {
    const { next } = this.memory;
    return next >= 0 && this.#runtime.mayWait(at(this.#message.functionIds, next));
  }

  /** Runs a call; returns a promise only if the call does, because to await costs more than a trivial call. */
  run(index: number): Promise<void> | undefined {
    const args = this.#args.next(index);
    const functionId = at(this.#message.functionIds, index);
    if (functionId === NO_FUNCTION) return undefined;
    this.#index = index;
    this.#functionId = functionId;
    this.#onStart?.();
    if (!("unread" in args)) return this.#call(args);
    this.#send({ ok: false, unsent: args.unread });
    return undefined;
  }

  /** Reads past the messages of calls that were taken back. */
  discard(): void {
    this.#args.discard();
  }

  #call(args: readonly unknown[]): Promise<void> | undefined {
    try {
      const all = this.#runtime.complete(args, this.#message.places?.get(this.#index));
      const returned = this.#runtime.call(this.#functionId, all);
      if (isThenable(returned)) {
        this.#runtime.noteWait(this.#functionId);
        return this.#settle(returned);
      }
      this.#keep(returned);
    } catch (error) {
      this.#send(this.#runtime.failure(error));
    }
    return undefined;
  }

  async #settle(returned: PromiseLike<unknown>): Promise<void> {
    try {
      this.#keep(await returned);
    } catch (error) {
      this.#send(this.#runtime.failure(error));
    }
  }

  #keep(value: unknown): void {
    if (!this.memory.keep(this.#index, value)) this.#send({ ok: true, value });
  }

  // At once: a worker that is terminated must not take the outcomes of ended calls with it.
  #send(outcome: Outcome): void {
    this.memory.markSent(this.#index);
    try {
      const moved = transferablesOfOutcome(outcome);
      if (outcome.ok) checkObjects(outcome.value, moved);
      post(this.#port, boxed(outcome), [...moved]);
    } catch (cause) {
      post(this.#port, boxed(this.#runtime.unsendable(this.#functionId, outcome, cause)));
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

// Imported on demand, because it takes some milliseconds.
async function loadReceive(): Promise<typeof receiveMessageOnPort> {
  return (await import("node:worker_threads")).receiveMessageOnPort;
}

// Workers have clocks of their own.
function now(): number {
  return TIME_ORIGIN + clock();
}
