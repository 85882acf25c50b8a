/** Cuts messages into parts that the server accepts, and joins them again. @module */

// Whether more parts follow, and the number of the part.
const HEADER = 5;

/** A part without a message, by which a scheduler begins and ends the log of a session. Readers pass over it. */
export const MARK: Uint8Array = new Uint8Array(HEADER);

/** Tells a session that its scheduler has ended it. */
export const GONE: Uint8Array = new Uint8Array(1);

/** Numbers the parts of what one side sends. */
export class PartWriter {
  readonly #maxBytes: number;
  #count = 0;

  /** `maxBytes` is how many a part may have. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The parts of an encoded message, in order. */
  *partsOf(bytes: Uint8Array): Generator<Uint8Array> {
    const room = this.#maxBytes - HEADER;
    for (let at = 0; at < bytes.length; at += room) {
      yield this.#part(bytes.subarray(at, at + room), at + room < bytes.length);
    }
  }

  #part(chunk: Uint8Array, hasMore: boolean): Uint8Array {
    const part = new Uint8Array(HEADER + chunk.length);
    part[0] = hasMore ? 1 : 0;
    new DataView(part.buffer).setUint32(1, ++this.#count);
    part.set(chunk, HEADER);
    return part;
  }
}

/** Joins the parts of what the other side sends. */
export class PartReader {
  #last = 0;
  #chunks: Uint8Array[] = [];

  /** Takes a part; returns the encoded message that it completes. A part that comes again is passed over. */
  read(part: Uint8Array): Uint8Array | undefined {
    const number = new DataView(part.buffer, part.byteOffset).getUint32(1);
    if (number <= this.#last) return undefined;
    this.#last = number;
    this.#chunks.push(part.subarray(HEADER));
    if (part[0] === 1) return undefined;
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks.length === 1 ? chunks[0] : joined(chunks);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
