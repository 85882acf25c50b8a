/** Writes frames to the pipe of a process. @module */

import type { Writable } from "node:stream";
import { Fifo } from "../../scheduling/_base/fifo.ts";
import { LARGE } from "../../scheduling/_base/v8_values.ts";
import { LACKS_BUFFER } from "../_wire/frames.ts";

// The platform copies whatever a pipe does not take at once: one large write would take quadratic time.
const PIECE_BYTES = 2 ** 18;

/** A part of a frame, with the length that the process was told. */
interface Part {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Writes the parts of frames in order, no faster than the pipe takes them. */
export class FrameWriter {
  readonly #pipe: Writable;
  readonly #waiting = new Fifo<Part>();
  // The part that is being written, and how much of it is.
  #part: Part | undefined;
  #written = 0;
  #isFull = false;
  readonly #fullLength: number;

  constructor(pipe: Writable) {
    this.#pipe = pipe;
    // A pipe that holds less does not report that it is empty again.
    this.#fullLength = Math.max(PIECE_BYTES, pipe.writableHighWaterMark);
    pipe.on("drain", () => this.#writeOn());
    pipe.on("close", () => this.#drop());
  }

  /** Writes parts. Large ones must not change until the process has them. */
  write(parts: readonly Uint8Array[]): void {
    if (this.#pipe.destroyed) return;
    for (const bytes of parts) this.#waiting.push({ bytes, length: bytes.length });
    if (!this.#isFull) this.#writeOn();
  }

  #writeOn(): void {
    this.#isFull = this.#pipe.destroyed;
    while (!this.#isFull) {
      const part = this.#part ??= this.#waiting.shift();
      if (part === undefined) return;
      const bytes = part.length < LARGE ? part.bytes : this.#nextPiece(part);
      this.#noteWritten(part, bytes.length);
      this.#pipe.write(bytes);
      this.#isFull = this.#pipe.writableLength >= this.#fullLength;
    }
  }

  #nextPiece({ bytes, length }: Part): Uint8Array {
    const size = Math.min(length - this.#written, PIECE_BYTES);
    if (bytes.length === 0) return new Uint8Array(size);
    const piece = bytes.subarray(this.#written, this.#written + size);
    // A copy if the pipe does not take it now, because the program may move the buffer elsewhere.
    return this.#pipe.writableLength === 0 ? piece : piece.slice();
  }

  #noteWritten(part: Part, count: number): void {
    this.#written += count;
    if (this.#written < part.length) return;
    this.#written = 0;
    // If its buffer was moved elsewhere, the process has got other bytes, so that it can read on.
    this.#part = part.bytes.length === part.length
      ? undefined
      : { bytes: LACKS_BUFFER, length: LACKS_BUFFER.length };
  }

  // A link outlives its process.
  #drop(): void {
    this.#part = undefined;
    while (this.#waiting.shift() !== undefined);
  }
}
