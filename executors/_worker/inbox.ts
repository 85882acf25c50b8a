/** The messages that a function has not read. @module */

import type { MessageFromCall } from "../../scheduling/channel.ts";
import { Fifo } from "../../scheduling/_base/fifo.ts";

// The main thread bounds what is unread, so it has to be told now and then.
const REPORT_EVERY = 1024;

/** Reads messages in order. Several readers share them: each message goes to one of them. */
export class Inbox implements AsyncIterator<unknown, undefined> {
  readonly #send: (message: MessageFromCall) => void;
  readonly #unread = new Fifo<unknown>();
  readonly #readers = new Fifo<(result: IteratorResult<unknown, undefined>) => void>();
  #count = 0;
  #ended = false;

  /** `send` reports how many messages were read. */
  constructor(send: (message: MessageFromCall) => void) {
    this.#send = send;
  }

  add(data: unknown): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader === undefined) return this.#unread.push(data);
    this.#noteRead();
    reader({ done: false, value: data });
  }

  /** No message will follow. */
  end(): void {
    this.#ended = true;
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift()) {
      reader({ done: true, value: undefined });
    }
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#unread.size > 0) {
      this.#noteRead();
      return Promise.resolve({ done: false, value: this.#unread.shift() });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#report(true);
    });
  }

  /** Leaves the other messages to the next loop. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  #noteRead(): void {
    this.#count++;
    if (this.#count % REPORT_EVERY === 0) this.#report(false);
  }

  #report(waiting: boolean): void {
    this.#send({ type: "read", count: this.#count, waiting });
  }
}
