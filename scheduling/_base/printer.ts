/** Writes to the output streams of this program, without blocking it. @module */

import { settlesInGrace } from "./time.ts";

/** One of the output streams. */
export type OutputStream = "stdout" | "stderr";

// What waits beyond this is dropped: a reader that has stopped must not fill the memory.
const MAX_WAITING_BYTES = 2 ** 23;

// A reader that has stopped must not keep the end of a run.
const READER_MS = 250;

type Target = Pick<typeof Deno.stdout, "write">;

/**
 * An output stream of this program, to which all workers print. Writing never blocks this thread.
 * Output that cannot be written is dropped, because the reader has gone away, the disk is full, a
 * non-blocking pipe has no room, or more than 8 MiB wait.
 */
export class Printer {
  readonly #target: () => Target;
  #last: Promise<void> = Promise.resolve();
  #waitingBytes = 0;

  /** `target` is looked up at the first write, because a runtime other than Deno may load this module. */
  constructor(target: () => Target) {
    this.#target = target;
  }

  /** Resolves when the bytes are written or dropped. */
  write(...parts: readonly Uint8Array[]): Promise<void> {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#last;
    this.#waitingBytes += size;
    return this.#last = this.#last.then(() => this.#writeAll(parts)).finally(() => {
      this.#waitingBytes -= size;
    });
  }

  async #writeAll(parts: readonly Uint8Array[]): Promise<void> {
    try {
      const target = this.#target();
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += await target.write(part.subarray(at));
      }
    } catch {
      // Dropped: unwritable output must not fail a run.
    }
  }
}

/** The standard output of this program. */
export const STDOUT: Printer = new Printer(() => Deno.stdout);
/** The standard error of this program. */
export const STDERR: Printer = new Printer(() => Deno.stderr);

/** Writes a text to a stream. */
export function print(text: string, stream: OutputStream): void {
  (stream === "stdout" ? STDOUT : STDERR).write(new TextEncoder().encode(text));
}

/** Resolves when all is written, unless a reader keeps it from that for long. */
export async function untilPrinted(): Promise<void> {
  await settlesInGrace(Promise.all([STDOUT.write(), STDERR.write()]), READER_MS);
}
