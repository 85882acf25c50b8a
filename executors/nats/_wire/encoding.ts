/** Encodes lists of commands and events. @module */

import { deserialize, serialize } from "../../../scheduling/_base/v8_values.ts";
import type { Command, LogEvent } from "./messages.ts";

type Item = Command | LogEvent;

// JSON begins with it; what the engine writes does not.
const BRACKET = 0x5b;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes a message: as JSON, which is quicker, unless a value in it needs the engine. */
export function encodeItems(items: readonly Item[]): Uint8Array {
  return items.every(isText) ? encoder.encode(JSON.stringify(items)) : serialize(items);
}

/** Decodes a message. */
export function decodeItems(bytes: Uint8Array): unknown {
  return bytes[0] === BRACKET ? JSON.parse(decoder.decode(bytes)) : deserialize(bytes);
}

function isText(item: Item): boolean {
  switch (item.type) {
    case "calls":
      return item.calls.every(({ args }) => typeof args === "string");
    case "comm":
      return typeof item.message === "string";
    case "ended":
      return item.outcome.ok && typeof item.outcome.value === "string";
    default:
      return true;
  }
}
