/** The pool's end of the output of one worker. @module */

import process from "node:process";
import { Fifo } from "../../scheduling/_base/fifo.ts";
import type { Call, OutputListener } from "../../scheduling/executor.ts";
import { ChannelMemory } from "../_wire/channel_memory.ts";
import { type CallPlace, type Printed, unboxed, type WorkerCommand } from "../_wire/protocol.ts";

/** How output reaches the pool, and what precedes it. */
export interface OutputRoute {
  /** Sends a command to the worker. */
  send(command: WorkerCommand, transfer?: Transferable[]): void;
  /** Whether the worker shares memory with the pool. */
  readonly sharesMemory: boolean;
  /** The call at a place. */
  callAt(place: CallPlace): Call | undefined;
  /** Reports the calls that ended before the one at this place started; `passOn()` is called meanwhile. */
  reportBefore(place: CallPlace): void;
}

/** A text that was taken and not passed on. */
interface Taken extends Printed {
  /** Counts the texts of the worker, from 1. */
  readonly number: number;
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
  readonly #receive = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort;
  readonly #taken = new Fifo<Taken>();
  // How many of them each call has.
  readonly #counts = new Map<Call, number>();
  #takenCount = 0;
  // Counts a text as read when it is passed on.
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

  /** Passes on a text that has arrived, or those that wait at the port up to the one of this number. */
  receive(printed: Printed | number): void {
    if (this.#isClosed) return;
    if (typeof printed === "number") return this.#passUpTo(printed);
    this.#add(printed);
    this.#passUpTo(this.#takenCount);
  }

  /** Takes the texts that wait at the port. */
  take(): void {
    while (this.#takeNext());
  }

  /** Passes on the taken texts up to the last one of a call; without one all. */
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

  #passUpTo(number: number): void {
    while (this.#takenCount < number && this.#takeNext());
    for (let next = this.#next(number); next !== undefined; next = this.#next(number)) {
      if (next.during !== undefined) this.#route.reportBefore(next.during);
      // A callback of these reports may have closed the worker, which passes on all texts.
      if (this.#next(number) === next) this.#passNext();
    }
  }

  #next(number: number): Taken | undefined {
    const next = this.#taken.peek();
    return next !== undefined && next.number <= number ? next : undefined;
  }

  #takeNext(): boolean {
    if (this.#memory === undefined || this.#memory.unread <= this.#taken.size) return false;
    const received = this.#receive(this.#port as never);
    // A task can swallow the messages of its worker.
    if (received === undefined) return false;
    this.#add(unboxed(received.message) as Printed);
    return true;
  }

  #add(printed: Printed): void {
    const { during } = printed;
    const call = during && this.#route.callAt(during);
    this.#taken.push({ ...printed, number: ++this.#takenCount, call });
    if (call !== undefined) this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
  }

  #passNext(): void {
    const next = this.#taken.shift();
    if (next === undefined) return;
    const { text, stream, call } = next;
    if (call !== undefined) this.#countDown(call);
    this.#listener(text, stream, call);
    this.#memory?.noteRead();
  }

  #countDown(call: Call): void {
    const count = (this.#counts.get(call) ?? 0) - 1;
    if (count > 0) this.#counts.set(call, count);
    else this.#counts.delete(call);
  }
}
