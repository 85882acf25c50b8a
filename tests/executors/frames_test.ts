/** Values over a stream of bytes, in chunks of any size. */

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeFrame, FrameReader } from "../../executors/_wire/frames.ts";
import { RefusedError } from "../../scheduling/_base/medium.ts";

/** A reader that stores the values it reads. */
function readerInto(values: unknown[], longest?: number): FrameReader {
  const receiveUnreadable = (cause: Error) => values.push(cause);
  return new FrameReader({ receive: (value) => values.push(value), receiveUnreadable }, longest);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** An object in an object, and so on. */
function nested(levels: number): object {
  let value = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

Deno.test("FrameReader reads values whatever the chunks are", () => {
  const anything = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 30 });
  fc.assert(fc.property(anything, cuts, (values, cuts) => {
    const stream = concat(values.map(encodeFrame));
    const read: unknown[] = [];
    const reader = readerInto(read);
    let at = 0;
    for (const length of cuts) reader.push(stream.subarray(at, at += length));
    reader.push(stream.subarray(at));
    assertEquals(read, values);
  }));
});

Deno.test("FrameReader keeps no frame that it has read", async () => {
  const read: unknown[] = [];
  const reader = readerInto(read);
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const push = () => {
    const chunk = encodeFrame({ bytes: new Uint8Array(100_000) });
    registry.register(chunk.buffer, undefined);
    reader.push(chunk);
  };
  push();
  // Not even the last frame, which nothing follows.
  while (collected < 1) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals(read.length, 1);
});

Deno.test("FrameReader passes over a value that is nested too deeply", () => {
  const read: unknown[] = [];
  const reader = readerInto(read);
  for (const value of [1, nested(3_000), 2]) reader.push(encodeFrame(value));
  const [first, unreadable, last] = read;
  assertInstanceOf(unreadable, RangeError);
  assertEquals([first, last], [1, 2]);
});

Deno.test("FrameReader throws for invalid data and for long values", () => {
  const head = [4, 0, 0, 0, 251, 255, 255, 255];
  assertThrows(() => readerInto([]).push(Uint8Array.of(...head, 9, 9, 9, 9)));
  assertThrows(() => readerInto([]).push(Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255)));
  const frame = encodeFrame("text");
  const length = frame.length - head.length;
  assertThrows(() => readerInto([], length - 1).push(frame), RangeError, "is longer than");
  readerInto([], length).push(frame);
});

Deno.test("FrameReader throws for bytes that are no frame", () => {
  const frame = encodeFrame("text");
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
    const values: unknown[] = [];
    const reader = readerInto(values);
    reader.push(frame);
    // Bytes that are fewer than a head are noticed with the next frame.
    assertThrows(() => reader.push(concat([bytes, frame])), Error);
    assertEquals(values, ["text"]);
  }));
});

Deno.test("encodeFrame() refuses values that cannot cross to processes", () => {
  const error = assertThrows(() => encodeFrame({ blob: new Blob(["text"]) }), RefusedError);
  assertEquals(error.cause, undefined);
  const refused = assertThrows(() => encodeFrame(() => 1), RefusedError);
  assert(String(refused.cause).includes("could not be cloned"));
});
