/**
 * What is known of a batch in bytes that pool and worker both read and write, each write seen by the other
 * side at once: a file. What the worker has written survives its death.
 *
 * The worker writes the mark of a call, reads the limit, and then starts the call if the limit permits. As
 * reading takes as long as a short call, a limit that it has read holds for `LEASE_MS`. The pool takes calls
 * back by setting the flag, waiting until no older limit holds, reading the marks, writing the limit and
 * clearing the flag; a worker that finds the flag set reads again. So either the pool sees the mark of a
 * call, or the worker reads the limit after it has written the mark.
 *
 * @module
 */

import { MAX_BATCH_SIZE, type Outcome } from "../_wire/protocol.ts";
import { kindOf, NOTHING, SENT, valueOf } from "./kept_values.ts";
import type { RunProgress, SentProgress } from "./progress.ts";

/** Bytes that another process reads and writes as well. */
export interface SharedBytes {
  /** Fills `into` with the bytes from a place on. */
  read(into: Uint8Array, place: number): void;
  /** Writes bytes from a place on. */
  write(bytes: Uint8Array, place: number): void;
}

/** Milliseconds on a monotonic clock, on which a duration is the same in pool and worker. */
export type Clock = () => number;

const LEASE_MS = 0.03;
// Longer, because clocks of processors may differ by a little.
const WAIT_MS = 2 * LEASE_MS;

// The head of a batch: the flag, the limit, the mark of the first call, and when that started. The flag
// stands before the limit, because bytes are read in this order.
const FLAG = 0;
const LIMIT = 2;
const FIRST_MARK = 4;
const FIRST_TIME = 8;
const HEAD_BYTES = 16;

// Then an entry for each call: its result, when it ended, the kind of its outcome, and the mark of the call
// after it. So one write shows the end of a call and the start of the next.
const TIME = 8;
const KIND = 16;
const NEXT_MARK = 17;
const ENTRY_BYTES = 24;

/** How many bytes a batch takes. */
export const FILE_BATCH_BYTES: number = HEAD_BYTES + MAX_BATCH_SIZE * ENTRY_BYTES;

/** The side of the pool. */
export class SentInFile implements SentProgress {
  readonly #file: SharedBytes;
  readonly #place: number;
  readonly #clock: Clock;
  readonly #bytes = new Uint8Array(FILE_BATCH_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #count = 0;
  // The calls from here on were taken back.
  #end = 0;
  #received: Outcome[] = [];
  #receivedCount = 0;
  // Whether the worker writes no more.
  #isFinal = false;

  constructor(file: SharedBytes, place: number, clock: Clock) {
    this.#file = file;
    this.#place = place;
    this.#clock = clock;
  }

  open(count: number): void {
    this.#count = this.#end = count;
    this.#received = [];
    this.#receivedCount = 0;
    this.#isFinal = false;
    this.#bytes.fill(0, 0, this.#length);
    this.#view.setUint16(LIMIT, count, true);
    this.#file.write(this.#bytes.subarray(0, this.#length), this.#place);
  }

  get started(): number {
    this.#read();
    return this.#marked();
  }

  get ended(): number {
    this.#read();
    return this.#completeUpTo(Infinity);
  }

  get done(): number {
    this.#read();
    const complete = this.#completeUpTo(this.#receivedCount);
    // What is complete in the first reading cannot be half-written in this one.
    this.#read();
    return complete;
  }

  closeClaims(from: number): number {
    if (from >= this.#end || this.started === this.#end) return this.#end;
    this.#file.write(Uint8Array.of(1), this.#place + FLAG);
    this.#awaitLeases();
    this.#end = Math.max(this.started, from);
    this.#file.write(new Uint8Array(Uint16Array.of(this.#end).buffer), this.#place + LIMIT);
    this.#file.write(Uint8Array.of(0), this.#place + FLAG);
    return this.#end;
  }

  seal(): void {
    this.#read();
    this.#isFinal = true;
  }

  receive(outcome: Outcome): void {
    this.#received.push(outcome);
    this.#receivedCount++;
  }

  outcome(index: number): Outcome | undefined {
    const entry = HEAD_BYTES + index * ENTRY_BYTES;
    const kept = valueOf(this.#bytes[entry + KIND] ?? SENT, this.#view.getFloat64(entry, true));
    return kept === undefined ? this.#received.shift() : { ok: true, ...kept };
  }

  time(index: number): number {
    const at = index === 0 ? FIRST_TIME : HEAD_BYTES + (index - 1) * ENTRY_BYTES + TIME;
    return this.#view.getFloat64(at, true);
  }

  get #length(): number {
    return HEAD_BYTES + this.#count * ENTRY_BYTES;
  }

  // Too short for a timer.
  #awaitLeases(): void {
    const since = this.#clock();
    while (!this.#isFinal && this.#clock() - since < WAIT_MS);
  }

  #read(): void {
    if (!this.#isFinal) this.#file.read(this.#bytes.subarray(0, this.#length), this.#place);
  }

  // A mark behind the limit means nothing: the worker has seen the limit after it.
  #marked(): number {
    if (this.#end === 0 || this.#bytes[FIRST_MARK] === 0) return 0;
    for (let count = 1; count < this.#end; count++) {
      if (this.#bytes[HEAD_BYTES + (count - 1) * ENTRY_BYTES + NEXT_MARK] === 0) return count;
    }
    return this.#end;
  }

  /** How many entries are complete, up to the one whose message is not among the first `messages`. */
  #completeUpTo(messages: number): number {
    for (let count = 0, sent = 0; count < this.#end; count++) {
      const kind = this.#bytes[HEAD_BYTES + count * ENTRY_BYTES + KIND];
      if (kind === NOTHING || (kind === SENT && ++sent > messages)) return count;
    }
    return this.#end;
  }
}

/** The side of the worker. With `sendsAll`, every outcome is sent in a message, in the order of all messages. */
export class RunInFile implements RunProgress {
  readonly #file: SharedBytes;
  readonly #place: number;
  readonly #clock: Clock;
  readonly #sendsAll: boolean;
  readonly #head = new Uint8Array(LIMIT + 2);
  readonly #first = new Uint8Array(HEAD_BYTES - FIRST_MARK);
  readonly #entry = new Uint8Array(ENTRY_BYTES);
  readonly #firstView = new DataView(this.#first.buffer);
  readonly #entryView = new DataView(this.#entry.buffer);
  #limit = 0;
  #leaseEnd = -Infinity;
  #started = 0;
  #done = 0;
  #flushed = true;

  constructor(file: SharedBytes, place: number, clock: Clock, sendsAll: boolean) {
    this.#file = file;
    this.#place = place;
    this.#clock = clock;
    this.#sendsAll = sendsAll;
  }

  expect(count: number): void {
    this.#limit = count;
    this.#started = 0;
    this.#done = 0;
    this.#flushed = true;
  }

  begin(time: number): void {
    setFloat64(this.#firstView, FIRST_TIME - FIRST_MARK, time, true);
    this.#first[0] = 1;
  }

  get next(): number {
    return this.#started < this.#limit ? this.#started : -1;
  }

  get done(): number {
    return this.#done;
  }

  claim(): number {
    if (this.#started >= this.#limit) return -1;
    this.#mark();
    // After the mark: until then, this process may have been suspended.
    if (this.#clock() >= this.#leaseEnd) this.#readLimit();
    return this.#started < this.#limit ? this.#started++ : -1;
  }

  get mayBeAsked(): boolean {
    return false;
  }

  skip(): void {
    this.#entry[KIND] = kindOf(undefined);
  }

  keep(_index: number, value: unknown): boolean {
    const kind = this.#sendsAll ? SENT : kindOf(value);
    if (kind === SENT) return false;
    if (typeof value === "number") setFloat64(this.#entryView, 0, value, true);
    this.#entry[KIND] = kind;
    return true;
  }

  markSent(): void {
    this.#entry[KIND] = SENT;
  }

  end(index: number, time: number): void {
    setFloat64(this.#entryView, TIME, time, true);
    this.#entry[NEXT_MARK] = 0;
    this.#done = index + 1;
    this.#flushed = false;
  }

  flush(): void {
    if (this.#flushed) return;
    this.#flushed = true;
    this.#writeEntry();
  }

  #mark(): void {
    if (this.#started === 0) return this.#file.write(this.#first, this.#place + FIRST_MARK);
    this.#entry[NEXT_MARK] = 1;
    this.#flushed = true;
    this.#writeEntry();
  }

  #writeEntry(): void {
    const place = this.#place + HEAD_BYTES + (this.#done - 1) * ENTRY_BYTES;
    this.#file.write(this.#entry, place);
  }

  #readLimit(): void {
    do {
      this.#leaseEnd = this.#clock() + LEASE_MS;
      this.#file.read(this.#head, this.#place);
    } while (this.#head[FLAG] !== 0);
    this.#limit = (this.#head[LIMIT] ?? 0) + 256 * (this.#head[LIMIT + 1] ?? 0);
  }
}

// Kept, because a task may replace it.
const setFloat64: (view: DataView, at: number, value: number, littleEndian: boolean) => void =
  Function.prototype.call.bind(DataView.prototype.setFloat64);
