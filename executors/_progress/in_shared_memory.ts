/**
 * The memory that pool and worker share for a batch. The pool can read at any time, even while the
 * worker computes, which calls have started and what they returned. The worker claims the calls one by
 * one; the pool can close the claims and so take back the pending calls.
 *
 * @module
 */

import { MAX_BATCH_SIZE, type Outcome } from "../_wire/protocol.ts";
import type { RunProgress, SentProgress } from "./progress.ts";
import { kindOf, SENT, valueOf } from "./kept_values.ts";

const CLAIMS = 0;
const DONE = 1;
// One word holds how many calls have started and how many may start, so that claiming a call and
// closing the claims exclude each other.
const STARTED_SHIFT = 16;
const END_MASK = 0xffff;

const CONTROL_BYTES = 8;
const TIME_BYTES = 8 * (MAX_BATCH_SIZE + 1);
const VALUE_BYTES = 8 * MAX_BATCH_SIZE;

/** The memory of one batch at a time. */
export class BatchMemory implements RunProgress {
  readonly buffer: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #kinds: Uint8Array;

  constructor(buffer: SharedArrayBuffer = newBuffer()) {
    this.buffer = buffer;
    this.#control = new Int32Array(buffer, 0, 2);
    this.#times = new Float64Array(buffer, CONTROL_BYTES, MAX_BATCH_SIZE + 1);
    this.#values = new Float64Array(buffer, CONTROL_BYTES + TIME_BYTES, MAX_BATCH_SIZE);
    this.#kinds = new Uint8Array(buffer, CONTROL_BYTES + TIME_BYTES + VALUE_BYTES, MAX_BATCH_SIZE);
  }

  // --- the pool's side

  /** Prepares for a batch of `count` calls, before it is sent. */
  open(count: number): void {
    Atomics.store(this.#control, DONE, 0);
    Atomics.store(this.#control, CLAIMS, count);
  }

  /** How many calls have started. */
  get started(): number {
    return Atomics.load(this.#control, CLAIMS) >>> STARTED_SHIFT;
  }

  /** How many calls have ended. */
  get done(): number {
    return Atomics.load(this.#control, DONE);
  }

  /** Keeps the worker from starting more calls; returns how many have started. */
  closeClaims(from: number): number {
    for (;;) {
      const claims = Atomics.load(this.#control, CLAIMS);
      const started = claims >>> STARTED_SHIFT;
      const end = Math.max(started, Math.min(from, claims & END_MASK));
      if (this.#replace(claims, started << STARTED_SHIFT | end)) return end;
    }
  }

  /** The result of an ended call; undefined if its outcome was sent as a message. */
  kept(index: number): { readonly value: unknown } | undefined {
    return valueOf(this.#kinds[index] ?? SENT, this.#values[index] ?? NaN);
  }

  /** When a call started and the one before it ended, in milliseconds since the epoch. */
  time(index: number): number {
    return this.#times[index] ?? NaN;
  }

  // --- the worker's side

  /** The next call to start, unless the pool takes it back; -1 if there is none. */
  get next(): number {
    const claims = Atomics.load(this.#control, CLAIMS);
    const started = claims >>> STARTED_SHIFT;
    return started < (claims & END_MASK) ? started : -1;
  }

  /** Claims the next call to start; -1 if there is none. */
  claim(): number {
    for (;;) {
      const claims = Atomics.load(this.#control, CLAIMS);
      const started = claims >>> STARTED_SHIFT;
      if (started >= (claims & END_MASK)) return -1;
      if (this.#replace(claims, claims + (1 << STARTED_SHIFT))) return started;
    }
  }

  /** Notes when the first call starts; each other one starts when the one before it ends. */
  begin(time: number): void {
    this.#times[0] = time;
  }

  /** Stores the result of a call; returns whether the memory can hold such a value. */
  keep(index: number, value: unknown): boolean {
    const kind = kindOf(value);
    if (kind === SENT) return false;
    if (typeof value === "number") this.#values[index] = value;
    this.#kinds[index] = kind;
    return true;
  }

  /** Marks the outcome of a call as sent in a message. */
  markSent(index: number): void {
    this.#kinds[index] = SENT;
  }

  /** Notes that a call has ended, after its outcome was stored or sent. */
  end(index: number, time: number): void {
    this.#times[index + 1] = time;
    Atomics.store(this.#control, DONE, index + 1);
  }

  get mayBeAsked(): boolean {
    return false;
  }

  expect(): void {}

  skip(): void {}

  flush(): void {}

  #replace(expected: number, claims: number): boolean {
    return Atomics.compareExchange(this.#control, CLAIMS, expected, claims) === expected;
  }
}

/** The side of the pool; `nextMessage` takes the next outcome that was sent in a message. */
export class MemoryProgress implements SentProgress {
  readonly memory: BatchMemory = new BatchMemory();
  readonly #nextMessage: () => Outcome | undefined;

  constructor(nextMessage: () => Outcome | undefined) {
    this.#nextMessage = nextMessage;
  }

  open(count: number): void {
    this.memory.open(count);
  }

  get started(): number {
    return this.memory.started;
  }

  get ended(): number {
    return this.memory.done;
  }

  get done(): number {
    return this.memory.done;
  }

  closeClaims(from: number): number {
    return this.memory.closeClaims(from);
  }

  seal(): void {}

  // They come by the port.
  receive(): void {}

  outcome(index: number): Outcome | undefined {
    const kept = this.memory.kept(index);
    return kept === undefined ? this.#nextMessage() : { ok: true, ...kept };
  }

  time(index: number): number {
    return this.memory.time(index);
  }
}

function newBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + TIME_BYTES + VALUE_BYTES + MAX_BATCH_SIZE);
}
