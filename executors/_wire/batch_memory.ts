/**
 * The memory that both sides of a batch share. It tells at any time, also while the worker computes,
 * which calls have begun and what they returned, and lets either side have the others: the worker by
 * claiming the next, the pool by cutting off the rest.
 *
 * @module
 */

/** How many calls a batch may have. */
export const MAX_BATCH_SIZE = 256;

const CLAIMS = 0;
const DONE = 1;
// Both in one word, so that claim and cut exclude each other: how many have begun, how many may.
const BEGUN_SHIFT = 16;
const END_MASK = 0xffff;

const CONTROL_BYTES = 8;
const TIME_BYTES = 8 * (MAX_BATCH_SIZE + 1);
const VALUE_BYTES = 8 * MAX_BATCH_SIZE;

const CONSTANTS: readonly unknown[] = [undefined, null, true, false];
const NUMBER = CONSTANTS.length;
const SENT = NUMBER + 1;

/** The memory of one batch at a time. */
export class BatchMemory {
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

  /** Prepares for a batch of so many calls, before it is sent. */
  open(count: number): void {
    Atomics.store(this.#control, DONE, 0);
    Atomics.store(this.#control, CLAIMS, count);
  }

  /** How many calls have begun. */
  get begun(): number {
    return Atomics.load(this.#control, CLAIMS) >>> BEGUN_SHIFT;
  }

  /** How many calls have ended. */
  get done(): number {
    return Atomics.load(this.#control, DONE);
  }

  /** Keeps the worker from starting any more; returns how many have started. */
  closeClaims(): number {
    for (;;) {
      const claims = Atomics.load(this.#control, CLAIMS);
      const begun = claims >>> BEGUN_SHIFT;
      if (this.#replace(claims, begun << BEGUN_SHIFT | begun)) return begun;
    }
  }

  /** What a call that has ended returned; undefined when a message tells what it came to. */
  outcome(index: number): { readonly value: unknown } | undefined {
    const kind = this.#kinds[index] ?? SENT;
    if (kind === SENT) return undefined;
    return { value: kind === NUMBER ? this.#values[index] : CONSTANTS[kind] };
  }

  /** When a call has begun and the one before it has ended, in milliseconds since the epoch. */
  time(index: number): number {
    return this.#times[index] ?? NaN;
  }

  // --- the worker's side

  /** The call that is next to begin, unless the pool cuts it off. */
  get next(): number {
    const claims = Atomics.load(this.#control, CLAIMS);
    const begun = claims >>> BEGUN_SHIFT;
    return begun < (claims & END_MASK) ? begun : -1;
  }

  /** Claims the next call to begin; -1 when there is none. */
  claim(): number {
    for (;;) {
      const claims = Atomics.load(this.#control, CLAIMS);
      const begun = claims >>> BEGUN_SHIFT;
      if (begun >= (claims & END_MASK)) return -1;
      if (this.#replace(claims, claims + (1 << BEGUN_SHIFT))) return begun;
    }
  }

  /** Says when the first call begins; each other begins when the one before it ends. */
  begin(time: number): void {
    this.#times[0] = time;
  }

  /** Keeps the result of a call, if it is a value that the memory can hold. */
  keep(index: number, value: unknown): boolean {
    const constant = CONSTANTS.indexOf(value);
    const isNumber = typeof value === "number";
    if (isNumber) this.#values[index] = value;
    else if (constant < 0) return false;
    this.#kinds[index] = isNumber ? NUMBER : constant;
    return true;
  }

  /** Marks the outcome of a call as sent by message. */
  markSent(index: number): void {
    this.#kinds[index] = SENT;
  }

  /** Says that a call has ended, after its outcome was kept or sent. */
  end(index: number, time: number): void {
    this.#times[index + 1] = time;
    Atomics.store(this.#control, DONE, index + 1);
  }

  #replace(expected: number, claims: number): boolean {
    return Atomics.compareExchange(this.#control, CLAIMS, expected, claims) === expected;
  }
}

function newBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + TIME_BYTES + VALUE_BYTES + MAX_BATCH_SIZE);
}
