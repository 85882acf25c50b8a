/** Hashes what is written in small parts, with SHA-256. @module */

import { builtin } from "./_builtin.ts";

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

const SIZE = 16_384;
/** Longer strings are encoded faster by the platform. */
const SHORT = 48;
const UTF_8 = 1;
const UTF_16 = 2;
const encoder = new TextEncoder();

/** Takes bytes, which are valid only during the call. */
export type TakeBytes = (bytes: Uint8Array) => void;

/** Writes numbers and strings as bytes, each so that no two values have the same bytes. */
export class ByteSink {
  #take: TakeBytes = () => {};
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Begins anew. */
  begin(take: TakeBytes): void {
    this.#take = take;
    this.#length = 0;
  }

  /** A number from 0 to 255. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Any number: -0 is not 0, and all NaN are one. */
  number(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** Any string, lone surrogates included. */
  text(value: string): void {
    if (value.length <= SHORT && this.#shortText(value)) return;
    const isUtf8 = value.isWellFormed();
    const bytes = isUtf8 ? encoder.encode(value) : codeUnits(value);
    this.byte(isUtf8 ? UTF_8 : UTF_16);
    this.number(bytes.length);
    this.bytes(bytes);
  }

  /** Bytes without their length. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length <= SIZE) {
      this.#reserve(bytes.length);
      this.#bytes.set(bytes, this.#length);
      this.#length += bytes.length;
    } else {
      this.flush();
      this.#take(bytes);
    }
  }

  /** Hands over what is collected. */
  flush(): void {
    if (this.#length > 0) this.#take(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Writes a short string of ASCII characters, as most names are; false for another one. */
  #shortText(value: string): boolean {
    this.#reserve(9 + SHORT);
    const start = this.#length + 9;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      this.#bytes[start + index] = code;
    }
    this.byte(UTF_8);
    this.number(value.length);
    this.#length += value.length;
    return true;
  }

  #reserve(count: number): void {
    if (this.#length + count > SIZE) this.flush();
  }
}

function codeUnits(value: string): Uint8Array {
  const units = Uint16Array.from({ length: value.length }, (_, index) => value.charCodeAt(index));
  return new Uint8Array(units.buffer);
}
