/** Encodes lists of commands and events. @module */

import { deserialize, serialize } from "../../../scheduling/_base/v8_values.ts";
import type { Command, LogEvent } from "./messages.ts";

type Item = Command | LogEvent;

// The first byte of a message. JSON begins with a bracket, and what the engine writes with 255.
const BRACKET = 0x5b;
// Large buffers follow what the engine has written, so that it need not copy them.
const WITH_BUFFERS = 1;
const LENGTH = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes a message: as JSON, which is quicker, unless a value in it needs the engine. */
export function encodeItems(items: readonly Item[]): Uint8Array {
  if (items.every(isText)) return encoder.encode(JSON.stringify(items));
  const buffers: ArrayBuffer[] = [];
  const bytes = serialize(items, buffers);
  return buffers.length === 0 ? bytes : withBuffers(bytes, buffers);
}

/** Decodes a message. */
export function decodeItems(bytes: Uint8Array): unknown {
  if (bytes[0] === BRACKET) return JSON.parse(decoder.decode(bytes));
  return bytes[0] === WITH_BUFFERS ? decodeWithBuffers(bytes) : deserialize(bytes);
}

// The mark, the number of chunks, their lengths, and the chunks, that of the engine first.
function withBuffers(bytes: Uint8Array, buffers: readonly ArrayBuffer[]): Uint8Array {
  const chunks = [bytes, ...buffers.map((buffer) => new Uint8Array(buffer))];
  const head = 1 + LENGTH * (1 + chunks.length);
  const whole = new Uint8Array(chunks.reduce((size, { length }) => size + length, head));
  const view = new DataView(whole.buffer);
  view.setUint8(0, WITH_BUFFERS);
  view.setUint32(1, chunks.length);
  let at = head;
  for (const [index, chunk] of chunks.entries()) {
    view.setUint32(1 + LENGTH * (1 + index), chunk.length);
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function decodeWithBuffers(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(1);
  let at = 1 + LENGTH * (1 + count);
  const chunks = Array.from({ length: count }, (_, index) => {
    const length = view.getUint32(1 + LENGTH * (1 + index));
    return bytes.subarray(at, at += length);
  });
  const [main, ...buffers] = chunks;
  return deserialize(main as Uint8Array, buffers.map((chunk) => chunk.slice().buffer));
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
