/** The reason of an abort, as bytes that a function can read without yielding. @module */

import { deserialize, serialize } from "../../scheduling/_base/v8_values.ts";

/** How many bytes a reason may have. */
export const MAX_REASON_BYTES = 4096;

const NO_BYTES = new Uint8Array(0);

/** The bytes of a reason; none if they would be too many, and for what only threads can receive. */
export function encodeReason(reason: unknown): Uint8Array {
  if (reason === undefined) return NO_BYTES;
  try {
    const bytes = serialize(reason);
    return bytes.length > MAX_REASON_BYTES ? NO_BYTES : bytes;
  } catch {
    return NO_BYTES;
  }
}

/** The reason; undefined if there are no bytes. */
export function decodeReason(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : deserialize(bytes);
}
