/** Forwards the output of child processes. @module */

import type { Readable } from "node:stream";
import { callAfter } from "../../scheduling/_base/time.ts";

// An incomplete line, such as a progress bar, is forwarded after so long.
const LINE_MS = 200;
const MAX_LINE_BYTES = 2 ** 16;
// How long the last output may take after an exit: another process may hold the stream open forever.
const END_GRACE_MS = 200;
const NEWLINE = 10;

type Target = Pick<typeof Deno.stdout, "write">;

/**
 * An output stream of this program, to which all processes print. Writing never blocks this thread.
 * Output that cannot be written is dropped, because the reader has gone away, the disk is full, or a
 * non-blocking pipe has no room.
 */
export class Printer {
  readonly #target: () => Target;
  #last: Promise<void> = Promise.resolve();

  /** `target` is looked up at the first write, because a runtime other than Deno may load this module. */
  constructor(target: () => Target) {
    this.#target = target;
  }

  /** Resolves when the bytes are written or dropped. */
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
      // Dropped: unwritable output must not fail a run.
    }
  }
}

/** The standard output of all processes. */
export const STDOUT: Printer = new Printer(() => Deno.stdout);
/** The standard error of all processes. */
export const STDERR: Printer = new Printer(() => Deno.stderr);

/**
 * Forwards one output stream of a process, by whole lines where possible. It reads on only after it has
 * written, so a process that prints faster than its reader reads has to wait.
 */
export class Output {
  /** Resolves at the end of the stream, when all of it is forwarded. */
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

  /** Closes the stream of a process that has ended, after its last output. */
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
      // The stream was closed.
    }
    this.#state = "over";
    this.#stopTimer?.();
    this.#stopEndTimer?.();
    // Ends an open line, so that the output of another process starts a new one.
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
