/** The pool's end of the channels of the calls that one worker runs. @module */

import { callAfterGrace } from "../../scheduling/_base/time.ts";
import type { Channel, MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import { encodeReason } from "../_wire/abort_reason.ts";
import { sendChecked } from "../_wire/channel_messages.ts";
import { ChannelMemory } from "../_wire/channel_memory.ts";
import { type Medium, THREADS } from "../../scheduling/_base/medium.ts";
import { type ChannelStart, FILE_PLACES, type WorkerCommand } from "../_wire/protocol.ts";
import { PROCESSES } from "../../scheduling/_base/v8_values.ts";

// How long the next message of a worker that has ended may be in transit.
const IN_TRANSIT_MS = 250;

/** A file that a function reads even if it never yields. */
export interface AbortFile {
  /** Writes bytes from a place on. */
  write(bytes: Uint8Array, place: number): void;
}

/** How channels reach a worker. */
export interface ChannelRoute {
  /** Sends a command to the worker; throws when its content cannot cross. */
  send(command: WorkerCommand): void;
  /** Whether the worker shares memory with the pool. */
  readonly sharesMemory: boolean;
  /** Shows a process without shared memory that a call is to end, if there is a file for that. */
  readonly abortFile: AbortFile | undefined;
}

/** The channels of one worker, one at a time. */
export class WorkerChannels {
  readonly #route: ChannelRoute;
  #count = 0;
  #current: CallMessages | undefined;

  constructor(route: ChannelRoute) {
    this.#route = route;
  }

  /** Prepares the channel of a call that is about to be sent; undefined if the call has none. */
  begin({ channel }: { readonly channel: Channel | undefined }): ChannelStart | undefined {
    if (channel === undefined) return undefined;
    this.#current = new CallMessages(channel, ++this.#count, this.#route);
    return this.#current.start;
  }

  /** The call has started. */
  open(): void {
    this.#current?.open();
  }

  /** Takes a message; ignores one of a call that has ended. */
  receive(number: number, message: MessageFromCall): void {
    if (this.#current?.start.number === number) this.#current.receive(message);
  }

  /** Calls `then` when the messages that the worker has sent so far were received. */
  whenReceived(then: () => void): void {
    if (this.#current === undefined) then();
    else this.#current.whenReceived(then);
  }

  /** The call has ended, or its worker is ending. */
  close(): void {
    this.#current?.close();
    this.#current = undefined;
  }
}

/** The messages of one call. */
class CallMessages {
  readonly start: ChannelStart;
  readonly #channel: Channel;
  readonly #route: ChannelRoute;
  readonly #medium: Medium;
  readonly #memory: ChannelMemory | undefined;
  // How many messages are awaited, and what then happens.
  #awaited = 0;
  #received: (() => void) | undefined;
  #stopWaiting: () => void = () => {};

  constructor(channel: Channel, number: number, route: ChannelRoute) {
    this.#channel = channel;
    this.#route = route;
    this.#medium = route.sharesMemory ? THREADS : PROCESSES;
    this.#memory = route.sharesMemory ? new ChannelMemory() : undefined;
    this.start = {
      number,
      memory: this.#memory?.buffer,
      hasAbortFile: route.abortFile !== undefined,
    };
  }

  open(): void {
    this.#channel.open((message) => this.#send(message));
  }

  receive(message: MessageFromCall): void {
    this.#channel.receive(message);
    this.#memory?.noteRead();
    if (this.#received !== undefined && --this.#awaited === 0) this.#finishWaiting();
  }

  whenReceived(then: () => void): void {
    this.#stopWaiting();
    this.#awaited = this.#memory?.unread ?? 0;
    this.#received = then;
    if (this.#awaited === 0) this.#finishWaiting();
    else this.#wait();
  }

  close(): void {
    this.#received = undefined;
    this.#stopWaiting();
    this.#memory?.close();
  }

  #send(message: MessageToCall): void {
    const { number } = this.start;
    sendChecked(
      message,
      this.#medium,
      () => this.#route.send({ type: "comm", channel: number, message }),
    );
    if (message.type !== "abort") return;
    const reason = encodeReason(message.reason);
    this.#memory?.abort(reason);
    if (this.#route.abortFile) writeAbort(this.#route.abortFile, number, reason);
  }

  // As long as messages arrive: one that a task has kept from arriving must not block the pool.
  #wait(): void {
    const before = this.#awaited;
    this.#stopWaiting = callAfterGrace(IN_TRANSIT_MS, () => {
      if (this.#awaited === before) this.#finishWaiting();
      else this.#wait();
    });
  }

  #finishWaiting(): void {
    const received = this.#received;
    this.#received = undefined;
    this.#stopWaiting();
    received?.();
  }
}

// The number last, because the process reads the reason as soon as it sees that.
function writeAbort(file: AbortFile, channel: number, reason: Uint8Array): void {
  const { abort } = FILE_PLACES;
  const number = Uint32Array.of(channel);
  const length = Uint32Array.of(reason.length);
  file.write(reason, abort + number.byteLength + length.byteLength);
  file.write(new Uint8Array(length.buffer), abort + number.byteLength);
  file.write(new Uint8Array(number.buffer), abort);
}
