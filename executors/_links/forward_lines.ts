/** Passes on what a child process prints, by whole lines, so that those of several do not mix. @module */

import type { Readable } from "node:stream";

const NEWLINE = 10;

/** Writes the lines of `from` to `to`; what remains at the end gets its newline. */
export function forwardLines(
  from: Readable,
  to: { writeSync(bytes: Uint8Array): number },
): void {
  let rest: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
  };
  from.on("data", (chunk: Uint8Array) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      for (const part of rest) write(part);
      write(chunk.subarray(0, end));
      rest = [];
    }
    if (end < chunk.length) rest.push(chunk.slice(end));
  });
  from.on("end", () => {
    if (rest.length > 0) [...rest, Uint8Array.of(NEWLINE)].forEach(write);
  });
}
