/** Passes on what child processes print. @module */

import type { Readable } from "node:stream";
import { callAfter } from "../../scheduling/_base/time.ts";

// A line that is not complete by then is passed on as far as it goes, such as a progress bar.
const LINE_MS = 200;
const MAX_LINE_BYTES = 2 ** 16;
// For what a process had printed when it ended: another one may hold its stream open for ever.
const END_GRACE_MS = 200;
const NEWLINE = 10;

type Target = Pick<typeof Deno.stdout, "write">;

/**
 * One of this program's output streams, to which all processes print. Nothing blocks this thread, and
 * what nobody can receive is dropped: the reader has gone away, the disk is full, or the pipe does not
 * block and has no room.
 */
export class Printer {
  readonly #target: () => Target;
  #last: Promise<void> = Promise.resolve();

  /** `target` is asked for when there is something to write: what loads this may be no Deno. */
  constructor(target: () => Target) {
    this.#target = target;
  }

  /** Resolves when the bytes are written, or dropped. */
  write(...parts: readonly Uint8Array[]): Promise<void> {
    return this.#last = this.#last.then(() => this.#writeAll(parts));
  }

  async #writeAll(parts: readonly Uint8Array[]): Promise<void> {
    try {
      const target = this.#target();
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += await target.write(part.subarray(at));
      }
    } catch {
      // Dropped: no run fails because nobody can receive what its tasks print.
    }
  }
}

/** Where this program's processes print. */
export const STDOUT: Printer = new Printer(() => Deno.stdout);
/** Where they print errors. */
export const STDERR: Printer = new Printer(() => Deno.stderr);

/**
 * Passes on what comes from one stream of a process, a line at a time if lines come whole. Reads no
 * more until that is written, so a process that prints faster than anybody reads has to wait.
 */
export class Output {
  /** Resolves at the end of the stream, when all of it is passed on. */
  readonly finished: Promise<void>;
  readonly #from: Readable;
  readonly #to: Printer;
  #rest: Uint8Array[] = [];
  #restSize = 0;
  #lineIsOpen = false;
  #stopTimer: (() => void) | undefined;
  #stopEndTimer: (() => void) | undefined;
  #state: "reading" | "writing" | "over" = "reading";

  constructor(from: Readable, to: Printer) {
    this.#from = from;
    this.#to = to;
    this.finished = this.#forward();
  }

  /** Its process has ended: closes the stream when nothing comes any more. */
  end(): void {
    if (this.#state === "over") return;
    this.#stopEndTimer = callAfter(END_GRACE_MS, () => {
      if (this.#state === "writing") this.end();
      else this.#from.destroy();
    });
  }

  async #forward(): Promise<void> {
    try {
      for await (const chunk of this.#from) {
        this.#state = "writing";
        await this.#take(chunk);
        this.#state = "reading";
      }
    } catch {
      // It was closed.
    }
    this.#state = "over";
    this.#stopTimer?.();
    this.#stopEndTimer?.();
    // The next line, of whatever process, begins a line of its own.
    if (this.#lineIsOpen) await this.#pass(Uint8Array.of(NEWLINE));
  }

  #take(chunk: Uint8Array): Promise<void> | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const written = end > 0 ? this.#pass(chunk.subarray(0, end)) : undefined;
    this.#lineIsOpen = end < chunk.length;
    if (!this.#lineIsOpen) return written;
    // A copy: the chunk may be a small part of a large buffer.
    this.#rest.push(new Uint8Array(chunk.subarray(end)));
    this.#restSize += chunk.length - end;
    if (this.#restSize > MAX_LINE_BYTES) return this.#pass();
    this.#stopTimer ??= callAfter(LINE_MS, () => this.#pass());
    return written;
  }

  #pass(...more: readonly Uint8Array[]): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const parts = [...this.#rest, ...more];
    this.#rest = [];
    this.#restSize = 0;
    return this.#to.write(...parts);
  }
}
