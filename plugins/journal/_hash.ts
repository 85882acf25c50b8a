/** Hashes what is written in small parts, with SHA-256. @module */

import { builtin } from "./_builtin.ts";
import { ByteSink } from "./_byte_sink.ts";

type Hash = ReturnType<typeof import("node:crypto").createHash>;

// Kept, because their memory takes longer to make than a small value to hash. Digests may nest.
const free: ByteSink[] = [];

/** The digest of what `write` writes, in hexadecimal. */
export function digest(write: (sink: ByteSink) => void): string {
  const sink = free.pop() ?? new ByteSink();
  const hash = newHash();
  try {
    sink.begin((bytes) => hash.update(bytes));
    write(sink);
    sink.flush();
    return hash.digest("hex");
  } finally {
    free.push(sink);
  }
}

/** A new SHA-256. */
export function newHash(): Hash {
  return builtin("node:crypto").createHash("sha256");
}
