/** The channels of the calls that a worker runs. @module */

import type { MessageToCall } from "../../scheduling/channel.ts";
import type { WorkerComm } from "../../scheduling/worker_comm.ts";
import type { ChannelStart } from "../_wire/protocol.ts";
import type { ChannelParts, WorkerChannel } from "./worker_channel.ts";

/** Calls functions that talk to the main thread. */
export class Channels {
  readonly #parts: ChannelParts;
  #module: typeof import("./worker_channel.ts") | undefined;
  #current: WorkerChannel | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  /** Loads what a call with a channel needs. Not imported statically, because most calls have none. */
  async load(): Promise<void> {
    this.#module ??= await import("./worker_channel.ts");
  }

  /** Calls a function with its end of a channel, which is open until the function has ended. */
  async call(start: ChannelStart, fn: (comm: WorkerComm) => unknown): Promise<unknown> {
    const { WorkerChannel } = this.#module ?? await import("./worker_channel.ts");
    const channel = new WorkerChannel(start, this.#parts);
    this.#current = channel;
    try {
      return await fn(channel.comm);
    } finally {
      this.#current = undefined;
      channel.close();
    }
  }

  /** Takes a message of the pool; ignores one for a call that has ended. */
  receive(number: number, message: MessageToCall): void {
    if (this.#current?.number === number) this.#current.receive(message);
  }
}
