/** Values over a stream of bytes: each cloned by V8 into a frame that begins with its length. @module */

import { deserialize, serialize } from "node:v8";

const HEADER = 4;

/**
 * A value as a frame.
 *
 * @throws when the value cannot be cloned.
 */
export function encodeFrame(value: unknown): Uint8Array {
  const body = serialize(value);
  const frame = new Uint8Array(HEADER + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, HEADER);
  return frame;
}

/**
 * Puts the chunks of a stream together to values. What it cannot read it throws for: a task may have
 * written to the stream, or have put its own in place of what is used here.
 */
export class FrameReader {
  readonly #receive: (value: unknown) => void;
  readonly #longest: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #bodyLength: number | undefined;

  /** `longest` says how many bytes a value may have. */
  constructor(receive: (value: unknown) => void, longest: number = Infinity) {
    this.#receive = receive;
    this.#longest = longest;
  }

  /**
   * Takes the next bytes; hands on every value that is complete.
   *
   * @throws when they are no frames, or what `receive` throws.
   */
  push(chunk: Uint8Array): void {
    this.#chunks[this.#chunks.length] = chunk;
    this.#size += chunk.length;
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      if (this.#bodyLength === undefined) {
        this.#bodyLength = this.#checkLength(lengthIn(part));
      } else {
        this.#bodyLength = undefined;
        this.#receive(deserialize(part));
      }
    }
  }

  #checkLength(length: number): number {
    if (length <= this.#longest) return length;
    throw new RangeError(`A value of ${length} bytes is longer than ${this.#longest}`);
  }

  // The next header or body, once all of it is there: a large one is put together only once.
  #next(): Uint8Array | undefined {
    const length = this.#bodyLength ?? HEADER;
    if (this.#size < length) return undefined;
    const bytes = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : this.#concat();
    this.#size -= length;
    this.#chunks = [bytes.subarray(length)];
    return bytes.subarray(0, length);
  }

  #concat(): Uint8Array {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}

// By hand, for a task may change what a `DataView` does.
function lengthIn([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}
