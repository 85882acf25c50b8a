/** Sends values over a stream of bytes, each as a frame that begins with its length, twice. @module */

import { deserialize, serialize } from "../../scheduling/_base/v8_values.ts";

const LENGTH = 4;
// The length and its complement: whatever else is in the stream is noticed at once, and not waited for.
const HEADER = 2 * LENGTH;
const LONGEST = 2 ** (8 * LENGTH) - 1;
const MAX_JOINED = 2 ** 15;
const NO_LENGTH = new Uint8Array(HEADER);

/**
 * Encodes a value as a frame.
 *
 * @throws when the value cannot cross to a process.
 */
export function encodeFrame(value: unknown): Uint8Array {
  const frame = serialize(value, NO_LENGTH);
  const length = frame.length - HEADER;
  if (length > LONGEST) {
    throw new RangeError(
      `A message of ${length} bytes exceeds the 4 GiB that a process takes at once`,
    );
  }
  writeNumber(frame, 0, length);
  writeNumber(frame, LENGTH, LONGEST - length);
  return frame;
}

/** Joins small frames, because a write takes longer than a copy. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = () => {
    if (small.length > 0) parts.push(concat(small));
    small = [];
  };
  for (const frame of frames) {
    if (frame.length <= MAX_JOINED) {
      small.push(frame);
      continue;
    }
    join();
    parts.push(frame);
  }
  join();
  return parts;
}

/** Receives the values of a stream. */
export interface FrameListener {
  receive(value: unknown): void;
  /** A value has arrived that is nested too deeply: the engine could write it but cannot read it. */
  receiveUnreadable(cause: RangeError): void;
}

/**
 * Assembles the chunks of a stream to values. It throws for invalid data: a task may have written to the
 * stream or replaced functions that this class uses.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #longest: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #bodyLength: number | undefined;

  /** `longest` is the maximum size of a value in bytes. */
  constructor(listener: FrameListener, longest: number = Infinity) {
    this.#listener = listener;
    this.#longest = longest;
  }

  /**
   * Takes the next bytes and passes on each complete value.
   *
   * @throws for bytes that are no frames, and what the listener throws.
   */
  push(chunk: Uint8Array): void {
    this.#chunks[this.#chunks.length] = chunk;
    this.#size += chunk.length;
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      if (this.#bodyLength === undefined) {
        this.#bodyLength = this.#checkLength(lengthIn(part));
      } else {
        this.#bodyLength = undefined;
        this.#read(part);
      }
    }
  }

  #read(body: Uint8Array): void {
    let value: unknown;
    try {
      value = deserialize(body);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      return this.#listener.receiveUnreadable(cause);
    }
    this.#listener.receive(value);
  }

  #checkLength(length: number): number {
    if (length <= this.#longest) return length;
    throw new RangeError(`A value of ${length} bytes is longer than ${this.#longest}`);
  }

  // The next header or body, once it is complete, so that a large one is assembled only once.
  #next(): Uint8Array | undefined {
    const length = this.#bodyLength ?? HEADER;
    if (this.#size < length) return undefined;
    const bytes = this.#chunks.length === 1 && this.#chunks[0]
      ? this.#chunks[0]
      : concat(this.#chunks);
    this.#size -= length;
    // An empty rest would be a view that keeps the frame in memory.
    this.#chunks = bytes.length === length ? [] : [bytes.subarray(length)];
    return bytes.subarray(0, length);
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function lengthIn(header: Uint8Array): number {
  const length = readNumber(header, 0);
  if (readNumber(header, LENGTH) === LONGEST - length) return length;
  throw new RangeError("The stream has bytes that are no frame");
}

// By hand, because a task may replace methods of `DataView`.
function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  for (let byte = 0; byte < LENGTH; byte++) bytes[at + byte] = value >>> (8 * byte);
}

function readNumber(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let byte = LENGTH - 1; byte >= 0; byte--) value = value * 256 + (bytes[at + byte] ?? 0);
  return value;
}
