/** Large data, and where it is sent. @module */

/** Large data. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A thread or process that takes and returns bytes, one call at a time. */
export interface BytesRemote {
  /** Sends bytes; resolves to the sum of the first and the last. */
  send(bytes: Bytes): PromiseLike<number>;
  /** Resolves to so many bytes, which are made at the first call. */
  receive(length: number): PromiseLike<Bytes>;
}

let made: Bytes = new Uint8Array(0);

/** The same bytes for the same length: the first is 1, the last is 2. */
export function bytesOf(length: number): Bytes {
  if (made.length === length) return made;
  made = new Uint8Array(length);
  made[0] = 1;
  made[length - 1] = 2;
  return made;
}

/** The sum of the first and the last byte. */
export function sumOfEnds(bytes: Uint8Array): number {
  return (bytes[0] ?? NaN) + (bytes.at(-1) ?? NaN);
}
