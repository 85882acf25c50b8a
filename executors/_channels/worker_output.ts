/** The pool's end of the output of one worker. @module */

import process from "node:process";
import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call, OutputListener } from "../../scheduling/executor.ts";
import { ChannelMemory } from "../_wire/channel_memory.ts";
import { type CallPlace, type Printed, unboxed, type WorkerCommand } from "../_wire/protocol.ts";

/** How output reaches the pool. */
export interface OutputRoute {
  /** Sends a command to the worker. */
  send(command: WorkerCommand, transfer?: Transferable[]): void;
  /** Whether the worker shares memory with the pool. */
  readonly sharesMemory: boolean;
  /** The call at a place. */
  callAt(place: CallPlace): Call | undefined;
}

interface Taken extends Omit<Printed, "during"> {
  readonly call: Call | undefined;
}

/**
 * Passes on what is printed in one worker. The texts of a thread wait at a port, which can be read at any
 * time: also those of a thread that has ended, and those of calls whose outcomes are read from shared
 * memory. A process sends them in the order of its other messages.
 */
export class WorkerOutput {
  readonly #listener: OutputListener;
  readonly #route: OutputRoute;
  // Texts that were taken and not passed on.
  readonly #taken = new Fifo<Taken>();
  // How many of them each call has.
  readonly #counts = new Map<Call, number>();
  readonly #receive = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort;
  #memory: ChannelMemory | undefined;
  #port: MessagePort | undefined;
  #isClosed = false;

  constructor(listener: OutputListener, route: OutputRoute) {
    this.#listener = listener;
    this.#route = route;
  }

  /** Makes the worker pass on what is printed in it. */
  begin(): void {
    if (!this.#route.sharesMemory) return this.#route.send({ type: "output", start: {} });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#memory = new ChannelMemory();
    const start = { memory: this.#memory.buffer, port: port2 };
    this.#route.send({ type: "output", start }, [port2]);
  }

  /**
   * Takes a text that has arrived, or the next one that waits at the port; returns the place of its call.
   * `passOn()` then passes it on.
   */
  receive(printed: Printed | undefined): CallPlace | undefined {
    if (this.#isClosed) return undefined;
    const next = printed ?? this.#next();
    if (next !== undefined) this.#add(next);
    return next?.during;
  }

  /** Takes the texts that wait at the port, which `passOn()` then passes on. */
  take(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#add(next);
  }

  /** Passes on the texts that were taken, at most until the last one of a call. */
  passOn(last?: Call): void {
    while (last === undefined ? this.#taken.size > 0 : this.#counts.has(last)) this.#passNext();
  }

  /** Nothing more is read. Wakes a worker that waits for its texts to be read. */
  close(): void {
    this.#isClosed = true;
    this.#memory?.close();
    this.#memory = undefined;
    this.#port?.close();
    this.#port = undefined;
  }

  #next(): Printed | undefined {
    if (this.#memory === undefined || this.#memory.unread === 0) return undefined;
    const received = this.#receive(this.#port as never);
    this.#memory.noteRead();
    // A task can swallow the messages of its worker.
    return received === undefined ? this.#next() : unboxed(received.message) as Printed;
  }

  #add({ text, stream, during }: Printed): void {
    const call = during && this.#route.callAt(during);
    this.#taken.push({ text, stream, call });
    if (call !== undefined) this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
  }

  #passNext(): void {
    const next = this.#taken.shift();
    if (next === undefined) return;
    const { text, stream, call } = next;
    if (call !== undefined) this.#countDown(call);
    this.#listener(text, stream, call);
  }

  #countDown(call: Call): void {
    const count = (this.#counts.get(call) ?? 0) - 1;
    if (count > 0) this.#counts.set(call, count);
    else this.#counts.delete(call);
  }
}
