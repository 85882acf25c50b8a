/** Frames of serialized values, each of which begins with its length. @module */

import { serialize } from "node:v8";

const HEADER = 4;

/** A value as a frame. */
export function frameOf(value: unknown): Uint8Array {
  const body = serialize(value);
  const frame = new Uint8Array(HEADER + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, HEADER);
  return frame;
}

/** Finds the frames in the chunks of a stream. */
export class FrameBuffer {
  readonly #receive: (body: Uint8Array) => void;
  #rest = new Uint8Array(0);

  constructor(receive: (body: Uint8Array) => void) {
    this.#receive = receive;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    while (bytes.length >= HEADER) {
      const end = HEADER + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (bytes.length < end) break;
      this.#receive(bytes.subarray(HEADER, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes.slice();
  }
}
