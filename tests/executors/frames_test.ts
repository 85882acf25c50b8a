/** Values over a stream of bytes, in chunks of any size. */

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeFrame, FrameReader, LACKS_BUFFER } from "../../executors/_wire/frames.ts";
import { RefusedError } from "../../scheduling/_base/medium.ts";
import { LARGE } from "../../scheduling/_base/v8_values.ts";
import { difference } from "../fixtures/same_value.ts";
import { valueGraphs } from "../fixtures/value_arbitraries.ts";
import { makeValue } from "../fixtures/value_graph.ts";

// The size of the head of a frame.
const HEAD = 8;

/** A reader that stores the values it reads. */
function readerInto(values: unknown[], longest?: number): FrameReader {
  const receiveUnreadable = (cause: Error) => values.push(cause);
  return new FrameReader({ receive: (value) => values.push(value), receiveUnreadable }, longest);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Reads a stream, each large part of it into its own memory, as a child process does. */
function readIntoRoom(reader: FrameReader, stream: Uint8Array, chunk: number): void {
  for (let at = 0; at < stream.length;) {
    const { room } = reader;
    const bytes = stream.subarray(at, at + Math.min(chunk, room?.length ?? chunk));
    at += bytes.length;
    room?.set(bytes);
    if (room === undefined) reader.push(bytes);
    else reader.noteFilled(bytes.length);
  }
}

/** A buffer of so many bytes, no two of which in a row are the same. */
function counting(length: number): ArrayBuffer {
  return Uint8Array.from({ length }, (_, index) => index % 251).buffer;
}

/** Pushes a value in one chunk. */
function push(reader: FrameReader, value: unknown): void {
  reader.push(concat(encodeFrame(value)));
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
    const stream = concat(values.flatMap(encodeFrame));
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
  const pushTracked = () => {
    const chunk = concat(encodeFrame({ text: "x".repeat(50_000) }));
    registry.register(chunk.buffer, undefined);
    reader.push(chunk);
  };
  pushTracked();
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
  for (const value of [1, nested(3_000), 2]) push(reader, value);
  const [first, unreadable, last] = read;
  assertInstanceOf(unreadable, RangeError);
  assertEquals([first, last], [1, 2]);
});

Deno.test("FrameReader throws for invalid data and for long values", () => {
  const frame = concat(encodeFrame("text"));
  const length = frame.length - HEAD;
  assertThrows(() => readerInto([]).push(frame.slice().fill(9, HEAD)));
  assertThrows(() => readerInto([]).push(new Uint8Array(HEAD)));
  assertThrows(() => readerInto([], length - 1).push(frame), RangeError, "is longer than");
  readerInto([], length).push(frame);
});

Deno.test("FrameReader throws for bytes that are no frame", () => {
  const frame = concat(encodeFrame("text"));
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
    const values: unknown[] = [];
    const reader = readerInto(values);
    reader.push(frame);
    // Bytes that are fewer than a head are noticed with the next frame.
    assertThrows(() => reader.push(concat([bytes, frame])), Error);
    assertEquals(values, ["text"]);
  }));
});

Deno.test("FrameReader throws for one byte before a frame, whatever it is", () => {
  for (const size of [0, 1, 100, 253, 300, 70_000]) {
    const frame = concat(encodeFrame("x".repeat(size)));
    for (let byte = 0; byte < 256; byte++) {
      assertThrows(() => readerInto([]).push(concat([Uint8Array.of(byte), frame])), RangeError);
    }
  }
});

Deno.test("encodeFrame() refuses values that cannot cross to processes", () => {
  const error = assertThrows(() => encodeFrame({ blob: new Blob(["text"]) }), RefusedError);
  assertEquals(error.cause, undefined);
  const refused = assertThrows(() => encodeFrame(() => 1), RefusedError);
  assert(String(refused.cause).includes("could not be cloned"));
});

Deno.test("FrameReader reads large buffers whatever the chunks are", () => {
  const views = {
    first: new Float64Array(counting(LARGE), 8, 3),
    text: "x".repeat(LARGE),
    rest: [counting(LARGE - 1), counting(3 * LARGE + 1), new Uint8Array(counting(LARGE))],
  };
  const value = { ...views, again: new DataView(views.first.buffer, 1), error: new Error("why") };
  value.error.cause = views.rest[1];
  const stream = concat([value, 1, value].flatMap(encodeFrame));
  const chunks = fc.integer({ min: 1_000, max: 4 * LARGE });
  fc.assert(
    fc.property(chunks, fc.boolean(), (chunk, intoRoom) => {
      const read: unknown[] = [];
      const reader = readerInto(read);
      if (intoRoom) readIntoRoom(reader, stream, chunk);
      else {for (let at = 0; at < stream.length; at += chunk) {
          reader.push(stream.subarray(at, at + chunk));
        }}
      const expected = structuredClone([value, 1, value].map((each) => structuredClone(each)));
      assertEquals(difference(read, expected), undefined);
    }),
    { numRuns: 20 },
  );
});

Deno.test("FrameReader reads random values with large buffers", () => {
  fc.assert(fc.property(fc.array(valueGraphs, { maxLength: 4 }), fc.nat(), (graphs, seed) => {
    const read: unknown[] = [];
    const stream = concat(graphs.flatMap((graph) => encodeFrame(makeValue(graph))));
    readIntoRoom(readerInto(read), stream, 1_000 + seed % LARGE);
    const expected = graphs.map((graph) => structuredClone(makeValue(graph)));
    assertEquals(difference(read, expected), undefined);
  }));
});

Deno.test("encodeFrame() copies no large buffer", () => {
  const buffer = counting(LARGE);
  const [, bytes] = encodeFrame([new Uint8Array(buffer, 1), buffer]);
  assertEquals([bytes?.buffer === buffer, bytes?.length], [true, LARGE]);
  // These may change their length before they are sent.
  const resizable = new ArrayBuffer(LARGE, { maxByteLength: 2 * LARGE });
  assertEquals(encodeFrame(resizable).length, 1);
  assertThrows(() => encodeFrame(new SharedArrayBuffer(LARGE)), RefusedError);
});

Deno.test("FrameReader counts large buffers to the size of a value", () => {
  const value = [counting(LARGE), counting(LARGE)];
  const parts = encodeFrame(value);
  const size = 2 * LARGE + (parts.at(-1)?.length ?? 0) - HEAD;
  const read: unknown[] = [];
  const reader = readerInto(read, size);
  for (let time = 0; time < 2; time++) reader.push(concat(parts));
  assertEquals(read, [value, value]);
  const tooLong = `A value of ${size} bytes is longer than ${size - 1}`;
  assertThrows(() => readerInto([], size - 1).push(concat(parts)), RangeError, tooLong);
});

Deno.test("FrameReader refuses a hostile head before its bytes arrive", () => {
  const reader = (longest?: number) => readerInto([], longest);
  const [, check] = new Uint32Array(LACKS_BUFFER.buffer) as unknown as [number, number];
  const headOfBuffer = (length: number) =>
    new Uint8Array(Uint32Array.of(length, length ^ check).buffer);
  const longest = 2 ** 32 - 1;
  assertThrows(
    () => reader(2 ** 20).push(headOfBuffer(longest)),
    RangeError,
    "longer than 1048576",
  );
  // Otherwise a buffer of a byte would cost the pool a hundred.
  assertThrows(() => reader().push(headOfBuffer(1)), RangeError, "is shorter than");
  const [frame] = encodeFrame("text") as [Uint8Array];
  const unused = concat([...encodeFrame(counting(LARGE)).slice(0, 2), frame]);
  reader().push(unused);
  // The buffers of a value without them.
  const [, , lacking] = encodeFrame(counting(LARGE)) as [Uint8Array, Uint8Array, Uint8Array];
  assertThrows(() => reader().push(lacking));
});

Deno.test("FrameReader passes over a value whose buffer was moved", () => {
  const read: unknown[] = [];
  const reader = readerInto(read);
  const [head, bytes, body] = encodeFrame(counting(LARGE)) as [Uint8Array, Uint8Array, Uint8Array];
  reader.push(concat([head, bytes, LACKS_BUFFER, body]));
  push(reader, [counting(LARGE)]);
  assertInstanceOf(read[0], RangeError);
  assertEquals(read[1], [counting(LARGE)]);
});
