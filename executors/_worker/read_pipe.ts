/** Reads the messages of the pool in a child process. @module */

import { read } from "node:fs";

const CHUNK_BYTES = 2 ** 16;

/** Receives the bytes of a pipe. */
export interface PipeListener {
  /** The next bytes; the listener may keep the chunk. */
  data(chunk: Uint8Array): void;
  /** Where the next bytes are to be put, if not into a chunk. */
  readonly room: Uint8Array | undefined;
  /** So many bytes were put there. */
  filled(count: number): void;
  /** The pipe has ended. */
  end(): void;
}

/**
 * Reads a pipe until its end. Not by a stream, which would need `process.nextTick()`: a task may replace
 * that, as fake clocks do.
 */
export function readPipe(descriptor: number, listener: PipeListener): void {
  const buffer = new Uint8Array(CHUNK_BYTES);
  const readNext = () => {
    const { room } = listener;
    const into = room ?? buffer;
    read(descriptor, into, 0, into.length, null, (error, count) => {
      if (error !== null || count === 0) return listener.end();
      if (room === undefined) listener.data(buffer.slice(0, count));
      else listener.filled(count);
      readNext();
    });
  };
  readNext();
}
