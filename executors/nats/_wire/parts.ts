/** Cuts messages into parts that the server accepts, and joins them again. @module */

// Whether more parts follow, the number of the part, and that of the last part from the other side.
const HEADER = 9;
const NUMBER = 1;
const RECEIVED = 5;

const MAX_PART_BYTES = 2 ** 20;
// Of each message, for its subject and headers.
const RESERVED_BYTES = 2_048;

/** How many bytes a part may have on a server that takes messages of so many. */
export function maxPartBytes(maxPayload: number = MAX_PART_BYTES): number {
  return Math.max(2 * HEADER, Math.min(MAX_PART_BYTES, maxPayload) - RESERVED_BYTES);
}

/** A part without a message, by which a scheduler begins and ends the log of a session. Readers pass over it. */
export const MARK: Uint8Array = new Uint8Array(HEADER);

/** Tells a session that its scheduler has ended it. */
export const GONE: Uint8Array = new Uint8Array(1);

/** A part of a message. Parts are numbered from 1, over all messages of one side. */
export interface Part {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Numbers the parts of what one side sends. */
export class PartWriter {
  readonly #maxBytes: number;
  #count = 0;

  /** `maxBytes` is how many a part may have. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The parts of an encoded message, in order; `received` is the number of the last part from the other side. */
  *partsOf(message: Uint8Array, received = 0): Generator<Part> {
    const room = this.#maxBytes - HEADER;
    for (let at = 0; at < message.length; at += room) {
      const number = ++this.#count;
      const bytes = new Uint8Array(Math.min(room, message.length - at) + HEADER);
      const view = new DataView(bytes.buffer);
      view.setUint8(0, at + room < message.length ? 1 : 0);
      view.setUint32(NUMBER, number);
      view.setUint32(RECEIVED, received);
      bytes.set(message.subarray(at, at + room), HEADER);
      yield { number, bytes };
    }
  }
}

/** Joins the parts of what the other side sends. */
export class PartReader {
  #last = 0;
  #received = 0;
  #chunks: Uint8Array[] = [];

  /** The number of the last part. */
  get last(): number {
    return this.#last;
  }

  /** The number of the last part of this side that the other side has received, as it said in the last part. */
  get received(): number {
    return this.#received;
  }

  /**
   * Takes a part; returns the encoded message that it completes. A part that comes again is passed over, and
   * so is one before which a part is missing: both are sent again.
   */
  read(part: Uint8Array): Uint8Array | undefined {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    if (view.getUint32(NUMBER) !== this.#last + 1) return undefined;
    this.#last++;
    this.#received = view.getUint32(RECEIVED);
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
