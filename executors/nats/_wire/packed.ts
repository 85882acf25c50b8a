/** Values inside of messages, each a copy of its own. @module */

import { deserialize, serialize } from "../../../scheduling/_base/v8_values.ts";
import { isListOfTexts, isText } from "../../_wire/text_values.ts";

/** An encoded value: JSON if that shows it as it is; an empty text is `undefined`. */
export type Packed = string | Uint8Array;

/** How many bytes a value may take. The serializer of the engine holds no more than twice as many. */
export const MAX_VALUE_BYTES: number = 2 ** 30;

/**
 * Encodes a value.
 *
 * @throws {RefusedError} when it cannot cross.
 * @throws {RangeError} when it is too large.
 */
export function pack(value: unknown, maxBytes: number = MAX_VALUE_BYTES): Packed {
  if (value === undefined) return "";
  return isText(value) ? JSON.stringify(value) : checked(serialize(value), maxBytes);
}

/** Encodes the arguments of a call; throws as `pack()` does. */
export function packList(list: readonly unknown[]): Packed {
  return isListOfTexts(list)
    ? JSON.stringify(list)
    : checked(serialize([...list]), MAX_VALUE_BYTES);
}

/** Decodes a value. */
export function unpack(packed: Packed): unknown {
  if (typeof packed !== "string") return deserialize(packed);
  return packed === "" ? undefined : JSON.parse(packed);
}

/** How many bytes an encoded value takes, at least. */
export function sizeOf(packed: Packed): number {
  return packed.length;
}

function checked(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  throw new RangeError(
    `it takes ${bytes.length} bytes, and one value may take ${maxBytes}: pass a path or an address in ` +
      `its place`,
  );
}
