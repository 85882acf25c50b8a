/** The worker's side of batches: claims their calls one by one, and tells what each came to. @module */

import type { receiveMessageOnPort } from "node:worker_threads";
import { isThenable } from "../../scheduling/_base/is_thenable.ts";
import { BatchMemory } from "../_wire/batch_memory.ts";
import {
  type BatchMessage,
  boxed,
  type CallPlace,
  type Column,
  type Outcome,
  SEPARATE_MESSAGE,
  type SharedPlace,
  unboxed,
} from "../_wire/protocol.ts";
import { checkObjects } from "../_wire/medium.ts";
import { transferablesOfOutcome, type WorkerRuntime } from "./runtime.ts";

// Asked for once, as it is slow.
const TIME_ORIGIN = performance.timeOrigin;
// A task may put its own in place of these.
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
  readonly #turns = new Turns();
  // Whether calls have ended since the last turn, which may have left something to be done; to receive
  // a message takes none.
  #hasRun = false;
  #memory = 0;
  #index = -1;
  #stopped = false;

  /** `onStart` is called when a call starts that is to be reported. */
  constructor(runtime: WorkerRuntime, onStart: () => void) {
    this.#runtime = runtime;
    this.#onStart = onStart;
  }

  /** The call that is being run. */
  get place(): CallPlace | undefined {
    return this.#index < 0 ? undefined : { memory: this.#memory, index: this.#index };
  }

  /** The worker is about to end: no call begins, and what one does after that is not its result. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether the worker is about to end. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes what it shares with the pool. */
  open(buffers: readonly SharedArrayBuffer[], port: MessagePort): void {
    this.#memories = buffers.map((buffer) => new BatchMemory(buffer));
    this.#port = port;
  }

  /** Runs a batch after those before it. */
  run(message: BatchMessage): Promise<undefined> {
    return this.#last = this.#last.then(() => this.#runCalls(message));
  }

  /** Lets go of a shared value, once the batches that were sent before are through. */
  release(id: number): void {
    this.#last.then(() => this.#runtime.release(id));
  }

  async #runCalls(message: BatchMessage): Promise<undefined> {
    const memory = this.#memories[message.memory];
    if (memory === undefined) throw new Error(`There is no batch memory ${message.memory}`);
    if (message.messages > 0) this.#receive ??= await loadReceive();
    this.#checkFunctions(message);
    const args = new ArgumentReader(message, () => this.#nextArguments());
    this.#memory = message.memory;
    memory.begin(now());
    for (;;) {
      if (this.#hasRun && this.#nextMayWait(memory, message)) await this.#turn();
      if (this.#stopped) return await never();
      const index = memory.claim();
      if (index < 0) break;
      const ran = this.#runCall(memory, message, index, args.next(index));
      if (ran !== undefined) await ran;
      if (this.#stopped) return await never();
      memory.end(index, now());
      this.#hasRun = true;
    }
    this.#index = -1;
    args.discard();
    return undefined;
  }

  #checkFunctions({ functionIds }: BatchMessage): void {
    for (const id of typeof functionIds === "number" ? [functionIds] : functionIds) {
      this.#runtime.check(id);
    }
  }

  #runCall(
    memory: BatchMemory,
    message: BatchMessage,
    index: number,
    args: Arguments,
  ): Promise<void> | undefined {
    this.#index = index;
    if (message.reportsStart) this.#onStart();
    const id = at(message.functionIds, index);
    if ("unread" in args) {
      this.#send(memory, index, id, { ok: false, unsent: args.unread });
      return undefined;
    }
    return this.#call(memory, index, id, args, message.places?.get(index));
  }

  #nextArguments(): Arguments {
    let received: ReturnType<typeof receiveMessageOnPort>;
    try {
      received = this.#receive?.(this.#port as never);
    } catch (unread) {
      return { unread };
    }
    return unboxed(received?.message) as readonly unknown[];
  }

  #nextMayWait(memory: BatchMemory, { functionIds }: BatchMessage): boolean {
    const { next } = memory;
    return next >= 0 && this.#runtime.mayWait(at(functionIds, next));
  }

  // What a call has left behind, such as the end of its worker, is through before another one waits.
  async #turn(): Promise<void> {
    await this.#turns.next();
    this.#hasRun = false;
  }

  // Awaited only where there is something to wait for: that costs more than a trivial call.
  #call(
    memory: BatchMemory,
    index: number,
    id: number,
    args: readonly unknown[],
    places: readonly SharedPlace[] | undefined,
  ): Promise<void> | undefined {
    try {
      const returned = this.#runtime.call(id, this.#runtime.complete(args, places));
      if (isThenable(returned)) {
        this.#runtime.noteWait(id);
        return this.#settle(memory, index, id, returned);
      }
      this.#keep(memory, index, id, returned);
    } catch (error) {
      this.#send(memory, index, id, this.#runtime.failure(error));
    }
    return undefined;
  }

  async #settle(
    memory: BatchMemory,
    index: number,
    id: number,
    returned: PromiseLike<unknown>,
  ): Promise<void> {
    try {
      this.#keep(memory, index, id, await returned);
    } catch (error) {
      this.#send(memory, index, id, this.#runtime.failure(error));
    }
  }

  #keep(memory: BatchMemory, index: number, id: number, value: unknown): void {
    if (!memory.keep(index, value)) this.#send(memory, index, id, { ok: true, value });
  }

  // At once, for a worker that is ended must not take along what its calls before have come to.
  #send(memory: BatchMemory, index: number, id: number, outcome: Outcome): void {
    memory.markSent(index);
    if (this.#port === undefined) return;
    try {
      const moved = transferablesOfOutcome(outcome);
      if (outcome.ok) checkObjects(outcome.value, moved);
      post(this.#port, boxed(outcome), [...moved]);
    } catch (cause) {
      post(this.#port, boxed(this.#runtime.unsendable(id, outcome, cause)));
    }
  }
}

/** Turns of the event loop, made by messages: a timer would take a millisecond. */
class Turns {
  #ports: MessageChannel | undefined;

  async next(): Promise<void> {
    // Every other message arrives before all microtasks are through.
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

/** Tells the arguments of the calls of a batch, in their order. */
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

  /** Passes over the messages of calls that were taken back. */
  discard(): void {
    while (this.#received++ < this.#message.messages) this.#receive();
  }
}

function at(column: Column<number>, index: number): number {
  return typeof column === "number" ? column : column[index] ?? 0;
}

// Only by workers that need it, as it takes some milliseconds.
async function loadReceive(): Promise<typeof receiveMessageOnPort> {
  return (await import("node:worker_threads")).receiveMessageOnPort;
}

// Workers have clocks of their own.
function now(): number {
  return TIME_ORIGIN + clock();
}
