/** Reads the messages of the pool in a child process. @module */

import { read } from "node:fs";

const CHUNK_BYTES = 2 ** 16;

/** Receives the bytes of a pipe. */
export interface PipeListener {
  /** The next bytes; the listener may keep the chunk. */
  data(chunk: Uint8Array): void;
  /** The pipe has ended. */
  end(): void;
}

/**
 * Reads a pipe until its end. Not by a stream, which would need `process.nextTick()`: a task may replace
 * that, as fake clocks do.
 */
export function readPipe(descriptor: number, listener: PipeListener): void {
  const buffer = new Uint8Array(CHUNK_BYTES);
  const readNext = () =>
    read(descriptor, buffer, 0, CHUNK_BYTES, null, (error, count) => {
      if (error !== null || count === 0) return listener.end();
      listener.data(buffer.slice(0, count));
      readNext();
    });
  readNext();
}
