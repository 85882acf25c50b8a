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

/** Puts the chunks of a stream together to values. */
export class FrameReader {
  readonly #receive: (value: unknown) => void;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #bodyLength: number | undefined;

  constructor(receive: (value: unknown) => void) {
    this.#receive = receive;
  }

  /** Takes the next bytes; hands on every value that is complete. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      if (this.#bodyLength === undefined) {
        this.#bodyLength = new DataView(part.buffer, part.byteOffset).getUint32(0, true);
      } else {
        this.#bodyLength = undefined;
        this.#receive(deserialize(part));
      }
    }
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
