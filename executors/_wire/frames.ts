/** Sends values over a stream of bytes, each as a frame that begins with its length, twice. @module */

import { deserialize, LARGE, serialize } from "../../scheduling/_base/v8_values.ts";
import { decodeText, encodeText, isEncodedText } from "./text_messages.ts";

const LENGTH = 4;
// The length and its check: whatever else is in the stream is noticed at once, and not waited for.
const HEADER = 2 * LENGTH;
const LONGEST = 2 ** (8 * LENGTH) - 1;
// The check is the length with these bits changed. Its bytes differ: with a stray byte before it, a head does
// not pass for another one.
const CHECK = 0x6996c35a;
// Changes the check in the head of a large buffer. The buffers of a value precede its frame, so that each is
// read into memory of its final size.
const OF_BUFFER = 2 ** 31;
const MAX_JOINED = 2 ** 15;
const NOTHING = new Uint8Array(0);
/** Follows a large buffer that was moved elsewhere before all of it was sent: its value cannot be read. */
export const LACKS_BUFFER: Uint8Array = headOfBuffer(0);

const NO_LENGTH = new Uint8Array(HEADER);
const NO_LENGTH_AS_TEXT = "\0".repeat(HEADER);

/**
 * Encodes a value as a frame, in parts. They refer to the large buffers of the value, which must not change
 * until they are sent.
 *
 * @throws when the value cannot cross to a process.
 */
export function encodeFrame(value: unknown): Uint8Array[] {
  const buffers: ArrayBuffer[] = [];
  const frame = encodeText(value, NO_LENGTH_AS_TEXT) ?? serialize(value, buffers, NO_LENGTH);
  if (buffers.length > 0) return withBuffers(frame, buffers);
  checkSendable(frame.length - HEADER);
  return [writeHead(frame, frame.length - HEADER, 0)];
}

function withBuffers(frame: Uint8Array, buffers: readonly ArrayBuffer[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let size = frame.length - HEADER;
  for (let index = 0; index < buffers.length; index++) {
    const bytes = new Uint8Array(buffers[index] as ArrayBuffer);
    size += bytes.length;
    parts[parts.length] = headOfBuffer(bytes.length);
    parts[parts.length] = bytes;
  }
  checkSendable(size);
  parts[parts.length] = writeHead(frame, frame.length - HEADER, 0);
  return parts;
}

function headOfBuffer(length: number): Uint8Array {
  return writeHead(new Uint8Array(HEADER), length, OF_BUFFER);
}

function writeHead(frame: Uint8Array, length: number, mark: number): Uint8Array {
  writeNumber(frame, 0, length);
  writeNumber(frame, LENGTH, length ^ CHECK ^ mark);
  return frame;
}

/** Replaces the large buffers among the parts of a frame by copies, so that the value may change. */
export function withCopies(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const last = parts.length - 1;
  return parts.map((part, index) => index < last && part.length >= LARGE ? part.slice() : part);
}

function checkSendable(size: number): void {
  if (size <= LONGEST) return;
  throw new RangeError(
    `A message of ${size} bytes exceeds the 4 GiB that a process takes at once`,
  );
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

/** What the next bytes of a stream are. */
type PartKind = "head" | "buffer" | "body";

/**
 * Assembles the chunks of a stream to values. It throws for invalid data: a task may have written to the
 * stream or replaced functions that this class uses.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #longest: number;
  #kind: PartKind = "head";
  #length = HEADER;
  // What has arrived of a small part.
  #chunks: Uint8Array[] = [];
  #size = 0;
  // A large part, of which so many bytes have arrived.
  #large: Uint8Array | undefined;
  #filled = 0;
  // The large buffers of the next value.
  #buffers: ArrayBuffer[] = [];
  #bufferSize = 0;
  #lacksBuffer = false;

  /** `longest` is the maximum size of a value in bytes. */
  constructor(listener: FrameListener, longest: number = LONGEST) {
    this.#listener = listener;
    this.#longest = longest;
  }

  /** The memory for the next bytes, while a large part arrives. They may be put there instead of pushed. */
  get room(): Uint8Array | undefined {
    return this.#large?.subarray(this.#filled);
  }

  /** Takes the next bytes, which were put into `room`. Throws as `push()` does. */
  noteFilled(count: number): void {
    const large = this.#large;
    if (large === undefined) return;
    this.#filled += count;
    if (this.#filled < large.length) return;
    this.#large = undefined;
    this.#take(large);
  }

  /**
   * Takes the next bytes and passes on each complete value.
   *
   * @throws for bytes that are no frames, and what the listener throws.
   */
  push(chunk: Uint8Array): void {
    for (let rest = chunk; rest.length > 0;) {
      const { room } = this;
      rest = room === undefined ? this.#pushSmall(rest) : this.#fill(room, rest);
    }
  }

  #fill(room: Uint8Array, bytes: Uint8Array): Uint8Array {
    const count = Math.min(room.length, bytes.length);
    room.set(bytes.subarray(0, count));
    this.noteFilled(count);
    return bytes.subarray(count);
  }

  // Takes the small parts that are complete; returns the bytes of a large one that follows.
  #pushSmall(chunk: Uint8Array): Uint8Array {
    this.#chunks[this.#chunks.length] = chunk;
    this.#size += chunk.length;
    if (this.#size < this.#length) return NOTHING;
    const bytes = this.#chunks.length === 1 ? chunk : concat(this.#chunks);
    let at = 0;
    while (this.#large === undefined && at + this.#length <= bytes.length) {
      const part = bytes.subarray(at, at += this.#length);
      this.#take(part);
    }
    const rest = bytes.subarray(at);
    const keeps = this.#large === undefined && rest.length > 0;
    // An empty rest would be a view that keeps the frame in memory.
    this.#chunks = keeps ? [rest] : [];
    this.#size = keeps ? rest.length : 0;
    return keeps ? NOTHING : rest;
  }

  #take(part: Uint8Array): void {
    switch (this.#kind) {
      case "head":
        return this.#readHead(part);
      case "buffer":
        this.#buffers[this.#buffers.length] = part.buffer as ArrayBuffer;
        this.#bufferSize += part.length;
        return this.#expectHead();
      case "body":
        this.#expectHead();
        return this.#read(part);
    }
  }

  #readHead(head: Uint8Array): void {
    const length = readNumber(head, 0);
    const mark = (readNumber(head, LENGTH) ^ CHECK ^ length) >>> 0;
    if (mark === 0) this.#expect("body", length);
    else if (mark !== OF_BUFFER) throw new RangeError("The stream has bytes that are no frame");
    else if (length > 0) this.#expect("buffer", length);
    else this.#lacksBuffer = true;
  }

  #expectHead(): void {
    this.#kind = "head";
    this.#length = HEADER;
  }

  #expect(kind: "buffer" | "body", length: number): void {
    const size = this.#bufferSize + length;
    if (size > this.#longest) {
      throw new RangeError(`A value of ${size} bytes is longer than ${this.#longest}`);
    }
    this.#kind = kind;
    this.#length = length;
    if (length >= LARGE) {
      this.#large = new Uint8Array(length);
      this.#filled = 0;
    } else if (kind === "buffer") {
      throw new RangeError(`A buffer of ${length} bytes is shorter than ${LARGE}`);
    }
  }

  #read(body: Uint8Array): void {
    let value: unknown;
    try {
      value = this.#decode(body);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      return this.#listener.receiveUnreadable(cause);
    }
    this.#listener.receive(value);
  }

  #decode(body: Uint8Array): unknown {
    if (this.#lacksBuffer) {
      this.#lacksBuffer = false;
      this.#takeBuffers();
      throw new RangeError("A buffer was moved elsewhere before it was sent");
    }
    if (this.#buffers.length > 0) return deserialize(body, this.#takeBuffers());
    return isEncodedText(body) ? decodeText(body) : deserialize(body);
  }

  #takeBuffers(): readonly ArrayBuffer[] {
    const buffers = this.#buffers;
    this.#buffers = [];
    this.#bufferSize = 0;
    return buffers;
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

// By hand, because a task may replace methods of `DataView`.
function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  for (let byte = 0; byte < LENGTH; byte++) bytes[at + byte] = value >>> (8 * byte);
}

function readNumber(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let byte = LENGTH - 1; byte >= 0; byte--) value = value * 256 + (bytes[at + byte] ?? 0);
  return value;
}
