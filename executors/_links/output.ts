/** Forwards the output of child processes. @module */

import type { Readable } from "node:stream";
import { piecesOf } from "../_wire/pieces.ts";
import { callAfter, settlesInGrace } from "../../scheduling/_base/time.ts";

// An incomplete line, such as a progress bar, is forwarded after so long.
const LINE_MS = 200;
const MAX_LINE_BYTES = 2 ** 16;
// How long the last output may take after an exit: another process may hold the stream open forever.
const END_GRACE_MS = 200;
const NEWLINE = 10;

/** Takes the output of a process. */
export interface OutputTarget {
  /** Resolves when more may follow. */
  write(...parts: readonly Uint8Array[]): Promise<void>;
  /** The output has ended; without this method, an open line gets a newline. */
  end?(): Promise<void>;
}

/**
 * Forwards one output stream of a process, by whole lines where possible. It reads on only after it has
 * written, so a process that prints faster than its reader reads has to wait.
 */
export class Output {
  /** Resolves at the end of the stream, when all of it is forwarded. */
  readonly finished: Promise<void>;
  readonly #from: Readable;
  readonly #to: OutputTarget;
  #rest: Uint8Array[] = [];
  #restSize = 0;
  #lineIsOpen = false;
  #stopTimer: (() => void) | undefined;
  #state: "reading" | "writing" | "over" = "reading";

  constructor(from: Readable, to: OutputTarget) {
    this.#from = from;
    this.#to = to;
    this.finished = this.#forward();
  }

  /** Closes the stream of a process that has ended, after its last output. */
  async end(): Promise<void> {
    while (this.#state !== "over") {
      if (await settlesInGrace(this.finished, END_GRACE_MS)) return;
      if (this.#state === "reading") this.#from.destroy();
    }
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
    if (this.#to.end === undefined) return await this.#endLine();
    await this.#pass();
    await this.#to.end();
  }

  // So that the output of another process starts a new one.
  async #endLine(): Promise<void> {
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

/** Takes a piece of text; resolves when the next one may follow. */
export type TakePiece = (text: string) => Promise<void>;

/** Decodes what was written to one stream, in pieces. */
export class OutputTexts implements OutputTarget {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #take: TakePiece;

  constructor(take: TakePiece) {
    this.#take = take;
  }

  async write(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) await this.#pass(this.#decoder.decode(part, { stream: true }));
  }

  async end(): Promise<void> {
    await this.#pass(this.#decoder.decode());
  }

  async #pass(text: string): Promise<void> {
    for (const piece of piecesOf(text)) await this.#take(piece);
  }
}
