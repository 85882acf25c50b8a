// How messages cross: encoding, parts, packed values, and the clocks of two programs.
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Liveness } from "../../executors/nats/_home/liveness.ts";
import { RemoteClock } from "../../executors/nats/_home/remote_clock.ts";
import { decodeItems, encodeItems } from "../../executors/nats/_wire/encoding.ts";
import type { LogEvent } from "../../executors/nats/_wire/messages.ts";
import { pack, packList, unpack } from "../../executors/nats/_wire/packed.ts";
import { MARK, PartReader, PartWriter } from "../../executors/nats/_wire/parts.ts";
import { difference } from "../fixtures/same_value.ts";
import { valueGraphs } from "../fixtures/value_arbitraries.ts";
import { makeValue } from "../fixtures/value_graph.ts";

const comm = (message: string | Uint8Array): LogEvent => ({ type: "comm", call: 1, message });
const bytes = fc.integer({ min: 0, max: 200_000 }).map((length) =>
  Uint8Array.from({ length }, (_, index) => index % 251)
);

Deno.test("encodeItems() keeps texts and bytes of any size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: "binary" }), bytes), { maxLength: 4 }),
      (all) => {
        const items = all.map(comm);
        assertEquals(decodeItems(encodeItems(items)), items);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("pack() gives what structuredClone() gives", () => {
  fc.assert(fc.property(valueGraphs, (graph) => {
    const expected = () => structuredClone(makeValue(graph));
    assertEquals(difference(unpack(pack(makeValue(graph))), expected()), undefined);
    assertEquals(difference(unpack(packList([makeValue(graph)])), [expected()]), undefined);
  }));
  for (const value of [undefined, null, "", "undefined", -0, NaN, [undefined], { a: undefined }]) {
    assertEquals(unpack(pack(value)), value);
  }
});

Deno.test("pack() refuses values that are too large", () => {
  assertThrows(() => pack(new ArrayBuffer(1_000), 1_000), RangeError, "pass a path or an address");
  pack(new ArrayBuffer(1_000), 1_100);
});

Deno.test("PartReader joins parts, whatever comes twice or is missing", () => {
  const cases = fc.record({
    messages: fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 }),
    maxBytes: fc.integer({ min: 10, max: 40 }),
    losses: fc.array(fc.nat({ max: 40 })),
    repeats: fc.array(fc.nat({ max: 40 })),
  });
  fc.assert(fc.property(cases, ({ messages, maxBytes, losses, repeats }) => {
    const writer = new PartWriter(maxBytes);
    const parts = messages.flatMap((message) => [...writer.partsOf(message, 7)]);
    const reader = new PartReader();
    const read: Uint8Array[] = [];
    const send = (part: Uint8Array) => {
      const message = reader.read(part);
      if (message !== undefined) read.push(message);
    };
    send(MARK);
    parts.forEach(({ bytes }, index) => losses.includes(index) || send(bytes));
    // What is missing is sent again, with what followed it.
    for (const { number, bytes } of parts) if (number > reader.last) send(bytes);
    repeats.forEach((index) => parts[index] !== undefined && send(parts[index].bytes));
    assertEquals(read, messages);
    assertEquals(reader.received, messages.length > 0 ? 7 : 0);
  }));
});

Deno.test("RemoteClock is right to half of the quickest round trip", () => {
  const cases = fc.record({
    offset: fc.integer({ min: -1e6, max: 1e6 }),
    trips: fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 })), { minLength: 1 }),
  });
  fc.assert(fc.property(cases, ({ offset, trips }) => {
    const clock = new RemoteClock();
    trips.forEach(([there, back], index) => {
      const askedAt = index * 1_000;
      const answeredAt = askedAt + there + back;
      clock.observe({ askedAt, answeredAt, clock: askedAt + there - offset, received: 0 });
    });
    const quickest = Math.min(...trips.map(([there, back]) => there + back));
    const error = Math.abs(clock.toLocal(5_000 - offset, -Infinity, Infinity) - 5_000);
    assert(error <= quickest / 2, `${error} ms`);
  }));
  assertEquals([new RemoteClock().toLocal(5, 7, 9), new RemoteClock().toLocal(50, 7, 9)], [7, 9]);
});

Deno.test("Liveness tells a worker that has gone from one that is silent", () => {
  const after = (count: number, note: "noteGone" | "noteSilence") => {
    const liveness = new Liveness({ disconnected: 5, silent: 30 });
    for (let failure = 0; failure < count; failure++) liveness[note]();
    return liveness;
  };
  assertEquals(after(4, "noteGone").silence, undefined);
  assertEquals(after(5, "noteGone").silence?.reason, "died");
  assertEquals(after(29, "noteSilence").silence, undefined);
  assertEquals(after(30, "noteSilence").silence?.reason, "unreachable");
  const back = after(4, "noteGone");
  back.noteSign();
  back.noteGone();
  assertEquals(back.silence, undefined);
});
