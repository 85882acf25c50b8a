/** The unfinished line that a program has printed last. @module */

import { rowsOf, shownText } from "./_terminal_rows.ts";

const NEWLINE = 10;
const MAX_BYTES = 4096;
const NONE: Uint8Array = new Uint8Array(0);

/** What a program has printed since its last line break. */
export class Tail {
  #bytes = NONE;
  #isLong = false;

  get isEmpty(): boolean {
    return this.#bytes.length === 0 && !this.#isLong;
  }

  /** Whether it is too long to be kept. */
  get isLong(): boolean {
    return this.#isLong;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Adds what is printed; without bytes, whole lines. */
  add(bytes?: Uint8Array): void {
    const end = bytes?.lastIndexOf(NEWLINE) ?? 0;
    if (bytes === undefined || end >= 0) this.end();
    if (bytes !== undefined) this.#append(bytes.subarray(end + 1));
  }

  /** How many rows of a terminal it takes. */
  rows(columns: number): number {
    return this.isEmpty ? 0 : rowsOf(shownText(new TextDecoder().decode(this.#bytes)), columns);
  }

  /** A line break was printed. */
  end(): void {
    this.#bytes = NONE;
    this.#isLong = false;
  }

  #append(bytes: Uint8Array): void {
    this.#isLong ||= this.#bytes.length + bytes.length > MAX_BYTES;
    this.#bytes = this.#isLong ? NONE : concat(this.#bytes, bytes);
  }
}

/** One array of the bytes of several. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
