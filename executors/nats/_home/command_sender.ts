/** Sends the commands for one session, in order, until the worker is known to have them. @module */

import { now, pause } from "../../../scheduling/_base/time.ts";
import { AckTimeout } from "../_wire/ack_timeout.ts";
import { encodeItems } from "../_wire/encoding.ts";
import type { Command, CommandAck } from "../_wire/messages.ts";
import { sizeOf } from "../_wire/packed.ts";
import { type Part, PartWriter } from "../_wire/parts.ts";

const PAUSE_MS = 200;
// More commands than these make a second message.
const MAX_COMMANDS = 1_024;
const MAX_BYTES = 2 ** 19;
// Beyond so many bytes on their way, parts are to be answered, and beyond more the next one waits: the server
// cuts off a worker for which too much waits.
const UNANSWERED_BYTES = 2 ** 20;
const WINDOW_BYTES = 2 ** 23;

/** An answer of the worker, and when it was asked and answered on the clock of this program. */
export interface TimedAck extends CommandAck {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** How commands reach the session. */
export interface CommandRoute {
  readonly maxPartBytes: number;
  /** Sends bytes, which may be lost. */
  publish(bytes: Uint8Array): void;
  /** Sends bytes; rejects if there is no answer within the time. */
  request(bytes: Uint8Array, timeout: number): Promise<Uint8Array>;
  /** The worker has answered. */
  answered(ack: TimedAck): void;
}

/**
 * Sends what has come in one turn as one message. Few messages are lost, only when a connection breaks, so
 * that most are not answered: each event of the worker says what it has received, and each sign of life. What
 * is missing is sent again.
 */
export class CommandSender {
  readonly #route: CommandRoute;
  readonly #writer: PartWriter;
  readonly #ackTimeout = new AckTimeout();
  #waiting: Command[] = [];
  #sending: Promise<void> | undefined;
  // Sent, and perhaps not received.
  #pending: Part[] = [];
  #pendingBytes = 0;
  #isClosed = false;

  constructor(route: CommandRoute) {
    this.#route = route;
    this.#writer = new PartWriter(route.maxPartBytes);
  }

  /** Sends a command after those before it. */
  send(command: Command): void {
    if (this.#isClosed) return;
    this.#waiting.push(command);
    this.#sending ??= this.#sendAll();
  }

  /** The worker has received all parts up to this number. */
  noteReceived(number: number): void {
    let count = 0;
    for (const part of this.#pending) {
      if (part.number > number) break;
      this.#pendingBytes -= part.bytes.length;
      count++;
    }
    if (count > 0) this.#pending.splice(0, count);
  }

  /** Asks for a sign of life; rejects if there is none within the time. */
  async ping(timeout: number): Promise<void> {
    const last = this.#pending.at(-1)?.number;
    await this.#request(new Uint8Array(0), timeout);
    this.#resend(last);
  }

  /** Sends the last command; resolves when the worker has received all, or the sender is closed. */
  async finish(command: Command): Promise<void> {
    await this.#sending;
    for (const part of this.#writer.partsOf(encodeItems([command]))) {
      this.#pending.push(part);
      await this.#sendAnswered(part);
    }
    this.close();
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#pending = [];
  }

  async #sendAll(): Promise<void> {
    await undefined;
    while (this.#waiting.length > 0) {
      const message = encodeItems(this.#takeMessage());
      for (const part of this.#writer.partsOf(message)) await this.#sendPart(part);
    }
    this.#sending = undefined;
  }

  #takeMessage(): Command[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < MAX_COMMANDS && bytes < MAX_BYTES) {
      bytes += sizeOfCommand(this.#waiting[count++] as Command);
    }
    return this.#waiting.splice(0, count);
  }

  async #sendPart(part: Part): Promise<void> {
    if (this.#isClosed) return;
    this.#pending.push(part);
    this.#pendingBytes += part.bytes.length;
    if (this.#pendingBytes > WINDOW_BYTES) await this.#sendAnswered(part);
    else if (this.#pendingBytes > UNANSWERED_BYTES) {
      this.#requestAck(part.bytes).catch(() => {});
    } else this.#route.publish(part.bytes);
  }

  async #sendAnswered({ number, bytes }: Part): Promise<void> {
    while (!this.#isClosed && this.#pending.some((part) => part.number === number)) {
      await this.#requestAck(bytes).then(
        () => this.#resend(number),
        () => pause(PAUSE_MS),
      );
    }
  }

  // Up to a part that must have arrived if it was not lost.
  #resend(last: number | undefined): void {
    for (const { number, bytes } of this.#pending) {
      if (last === undefined || number > last) return;
      this.#route.publish(bytes);
    }
  }

  #requestAck(bytes: Uint8Array): Promise<void> {
    return this.#ackTimeout.during((timeout) => this.#request(bytes, timeout));
  }

  async #request(bytes: Uint8Array, timeout: number): Promise<void> {
    const askedAt = now();
    const answer = await this.#route.request(bytes, timeout);
    const ack: CommandAck = JSON.parse(new TextDecoder().decode(answer));
    this.noteReceived(ack.received);
    this.#route.answered({ ...ack, askedAt, answeredAt: now() });
  }
}

function sizeOfCommand(command: Command): number {
  if (command.type === "comm") return sizeOf(command.message);
  if (command.type !== "calls") return 0;
  return command.calls.reduce((size, { args }) => size + sizeOf(args), 0);
}
