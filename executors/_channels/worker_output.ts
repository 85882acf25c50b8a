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

/**
 * Passes on what is printed in one worker. The texts of a thread wait at a port, which can be read at any
 * time: also those of a thread that has ended, and those of calls whose outcomes are read from shared
 * memory. A process sends them in the order of its other messages.
 */
export class WorkerOutput {
  readonly #listener: OutputListener;
  readonly #route: OutputRoute;
  // Texts that were taken and not passed on, with their calls.
  readonly #taken = new Fifo<readonly [Printed, Call | undefined]>();
  readonly #receive = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort;
  #memory: ChannelMemory | undefined;
  #port: MessagePort | undefined;

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

  /** Passes on a text that has arrived, or the next one that waits at the port. */
  receive(printed: Printed | undefined): void {
    if (printed !== undefined) this.#add(printed);
    else this.#takeNext();
    this.passOn();
  }

  /** Takes the texts that wait at the port, which `passOn()` then passes on. */
  take(): void {
    while (this.#takeNext());
  }

  /** Passes on the texts that were taken. */
  passOn(): void {
    for (let next = this.#taken.shift(); next; next = this.#taken.shift()) {
      const [{ text, stream }, call] = next;
      this.#listener(text, stream, call);
    }
  }

  /** Nothing more is read. Wakes a worker that waits for its texts to be read. */
  close(): void {
    this.#memory?.close();
    this.#memory = undefined;
    this.#port?.close();
    this.#port = undefined;
  }

  #takeNext(): boolean {
    if (this.#memory === undefined || this.#memory.unread === 0) return false;
    const received = this.#receive(this.#port as never);
    this.#memory.noteRead();
    // A task can swallow the messages of its worker.
    if (received !== undefined) this.#add(unboxed(received.message) as Printed);
    return true;
  }

  #add(printed: Printed): void {
    const { during } = printed;
    this.#taken.push([printed, during && this.#route.callAt(during)]);
  }
}
