/** Reads what comes to a child process from the pool. @module */

import { read } from "node:fs";

const CHUNK_BYTES = 2 ** 16;

/** Receives what comes through a pipe. */
export interface PipeListener {
  /** The next bytes, which are the listener's own. */
  data(chunk: Uint8Array): void;
  /** The other side is gone. */
  end(): void;
}

/**
 * Reads until the end of a pipe. A stream would need `process.nextTick()`, which a task may replace: a
 * fake clock does.
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
