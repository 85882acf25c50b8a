/** The channel of one call in a worker. @module */

// Not the global timers, because tasks may replace them before this module loads.
import { clearTimeout, setTimeout } from "node:timers";
import type { MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import type { WorkerComm } from "../../scheduling/worker_comm.ts";
import { decodeReason } from "../_wire/abort_reason.ts";
import { sendChecked } from "../_wire/channel_messages.ts";
import { ChannelMemory } from "../_wire/channel_memory.ts";
import type { Medium } from "../../scheduling/_base/medium.ts";
import type { ChannelStart, WorkerEvent } from "../_wire/protocol.ts";
import { closedError, FunctionComm } from "./comm.ts";
import type { Timers } from "./requests.ts";

const TIMERS = { setTimeout, clearTimeout } as unknown as Timers;

/** What channels need of their worker. */
export interface ChannelParts {
  /** Sends an event to the pool; throws when its content cannot cross. */
  report(event: WorkerEvent): void;
  /** The medium by which events reach the pool. */
  readonly medium: Medium;
  /** Reads the reason why the channel of this number was aborted, in a process with a file for that. */
  readonly readAbortFile: ((channel: number) => Uint8Array | undefined) | undefined;
}

/** Carries the messages of a call. */
export class WorkerChannel {
  readonly number: number;
  readonly #parts: ChannelParts;
  readonly #memory: ChannelMemory | undefined;
  readonly #hasAbortFile: boolean;
  readonly #comm: FunctionComm;

  constructor({ number, memory, hasAbortFile = false }: ChannelStart, parts: ChannelParts) {
    this.number = number;
    this.#parts = parts;
    this.#memory = memory && new ChannelMemory(memory);
    this.#hasAbortFile = hasAbortFile;
    const transport = {
      send: (message: MessageFromCall) => this.#send(message),
      abortReason: () => {
        const bytes = this.#abortReason;
        return bytes && { reason: decodeReason(bytes) };
      },
    };
    this.#comm = new FunctionComm(transport, TIMERS);
  }

  /** The first argument of the function. */
  get comm(): WorkerComm {
    return this.#comm;
  }

  receive(message: MessageToCall): void {
    this.#comm.receive(message);
  }

  /** The function has ended. */
  close(): void {
    this.#comm.close();
  }

  get #abortReason(): Uint8Array | undefined {
    if (this.#memory !== undefined) return this.#memory.abortReason;
    return this.#hasAbortFile ? this.#parts.readAbortFile?.(this.number) : undefined;
  }

  #send(message: MessageFromCall): void {
    if (this.#memory?.waitForRoom() === false) throw closedError("The worker is to end");
    const event = { type: "comm", channel: this.number, message } as const;
    sendChecked(message, this.#parts.medium, () => this.#parts.report(event));
    this.#memory?.noteSent();
  }
}
