/**
 * The memory that pool and worker share for the channel of a call. It bounds how many messages of the call
 * wait to be read, and shows a function that never yields that it is to end.
 *
 * @module
 */

import { MAX_REASON_BYTES } from "./abort_reason.ts";

/** How many messages of a call may be unread. The next one blocks its worker. */
export const MAX_UNREAD_OF_WORKER = 256;

// A blocked worker goes on after so many were read: waking it for each one takes much longer.
const WAKE_EVERY = 64;
const SENT = 0;
const READ = 1;
// How many bytes the reason of an abort has, and one more; 0 before the abort.
const ABORTED = 2;
const WORDS = 3;
const WORD_BYTES = 4;
// Replaces the count of read messages, so that a worker waits for one word alone.
const CLOSED = -1;
const MASK = 2 ** 30 - 1;

// Kept, because tasks may replace them.
const { load, notify, store, wait } = Atomics;

/** The memory of one channel. */
export class ChannelMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #reason: Uint8Array;
  // What this side counts: sent messages in the worker, read ones in the pool.
  #count = 0;

  constructor(buffer: SharedArrayBuffer = newBuffer()) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#reason = new Uint8Array(buffer, WORD_BYTES * WORDS);
  }

  // --- the pool's side

  /** How many messages were sent and have not been read. */
  get unread(): number {
    return (load(this.#words, SENT) - this.#count) & MASK;
  }

  /** Notes that a message was read. */
  noteRead(): void {
    this.#count = (this.#count + 1) & MASK;
    store(this.#words, READ, this.#count);
    if (this.#count % WAKE_EVERY === 0) notify(this.#words, READ);
  }

  /** The call is to end, for a reason in so many bytes. */
  abort(reason: Uint8Array): void {
    this.#reason.set(reason);
    store(this.#words, ABORTED, reason.length + 1);
  }

  /** No more messages are read. Wakes the worker. */
  close(): void {
    store(this.#words, READ, CLOSED);
    notify(this.#words, READ);
  }

  // --- the worker's side

  /** The bytes of the reason why the call is to end; undefined if it is not. */
  get abortReason(): Uint8Array | undefined {
    const length = load(this.#words, ABORTED) - 1;
    return length < 0 ? undefined : this.#reason.slice(0, length);
  }

  /** Waits until a message may be sent; returns false if none will be read any more. */
  waitForRoom(): boolean {
    for (;;) {
      const read = load(this.#words, READ);
      if (read === CLOSED) return false;
      if (((this.#count - read) & MASK) < MAX_UNREAD_OF_WORKER) return true;
      wait(this.#words, READ, read);
    }
  }

  /** Notes that a message was sent. */
  noteSent(): void {
    this.#count = (this.#count + 1) & MASK;
    store(this.#words, SENT, this.#count);
  }
}

function newBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORD_BYTES * WORDS + MAX_REASON_BYTES);
}
