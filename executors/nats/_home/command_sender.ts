/** Sends the commands for one session, in order, each until it is acknowledged. @module */

import { callAfter, now } from "../../../scheduling/_base/time.ts";
import { encodeItems } from "../_wire/encoding.ts";
import type { Command, CommandAck } from "../_wire/messages.ts";
import { sizeOf } from "../_wire/packed.ts";
import { PartWriter } from "../_wire/parts.ts";

const TIMEOUT_MS = 3_000;
const PAUSE_MS = 200;
// More commands than these make a second message.
const MAX_COMMANDS = 1_024;
const MAX_BYTES = 2 ** 19;

/** An answer of the worker, and when it was asked and answered on the clock of this program. */
export interface TimedAck extends CommandAck {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** How commands reach the session. */
export interface CommandRoute {
  readonly maxPartBytes: number;
  /** Sends bytes; rejects if there is no answer within the time. */
  request(bytes: Uint8Array, timeout: number): Promise<Uint8Array>;
  /** The worker has answered. */
  acknowledged(ack: TimedAck): void;
}

/** Sends what has come together as one message, while at most one is on its way. */
export class CommandSender {
  readonly #route: CommandRoute;
  readonly #writer: PartWriter;
  #waiting: Command[] = [];
  #sending: Promise<void> | undefined;
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

  /** Resolves when all commands are acknowledged, or the sender is closed. */
  async flushed(): Promise<void> {
    await this.#sending;
  }

  /** Asks for a sign of life; rejects if there is none within the time. */
  async ping(timeout: number): Promise<void> {
    await this.#request(new Uint8Array(0), timeout);
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #sendAll(): Promise<void> {
    // What the program does in this turn goes together.
    await undefined;
    while (this.#waiting.length > 0) {
      const bytes = encodeItems(this.#takeMessage());
      for (const part of this.#writer.partsOf(bytes)) await this.#sendPart(part);
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

  async #sendPart(part: Uint8Array): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.#request(part, TIMEOUT_MS);
      } catch {
        await new Promise<void>((resolve) => callAfter(PAUSE_MS, resolve));
      }
    }
  }

  async #request(bytes: Uint8Array, timeout: number): Promise<void> {
    const askedAt = now();
    const answer = await this.#route.request(bytes, timeout);
    const ack: CommandAck = JSON.parse(new TextDecoder().decode(answer));
    this.#route.acknowledged({ ...ack, askedAt, answeredAt: now() });
  }
}

function sizeOfCommand(command: Command): number {
  if (command.type === "comm") return sizeOf(command.message);
  if (command.type !== "calls") return 0;
  return command.calls.reduce((size, { args }) => size + sizeOf(args), 0);
}
