/** The messages between pool and process that cross as JSON, and those that cannot. @module */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { encodeFrame, FrameReader } from "../../executors/_wire/frames.ts";
import { wrapMessage } from "../../executors/_wire/protocol.ts";
import { encodeText } from "../../executors/_wire/text_messages.ts";
import { RefusedError } from "../../scheduling/_base/medium.ts";
import { difference } from "../fixtures/same_value.ts";

// Whether the message of a batch, of an outcome and of a report may hold them.
const TEXTS: readonly unknown[] = [
  0,
  -1.5,
  Number.MAX_VALUE,
  "",
  'a "quoted" text\n',
  "\ud800",
  "é𝄞",
  "\0",
  true,
  false,
  null,
  "x".repeat(2 ** 10),
  {},
  { a: 1 },
  [],
  [1],
  {
    rate: 0.1,
    layers: [{ size: 32, name: "dense" }, { size: 16, name: "out" }],
    on: true,
    7: null,
  },
  JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
  Object.freeze({ a: 1 }),
  { [Symbol("unseen")]: 1, a: 2 },
  Array(64).fill(1),
];
const EMPTY = {};
const CIRCLE: { self?: unknown } = {};
CIRCLE.self = CIRCLE;
class Class {
  readonly a = 1;
}
const THROWING_TAG = {
  a: 1,
  get [Symbol.toStringTag]() {
    throw new RangeError("tag");
  },
};
const OTHERS: readonly unknown[] = [
  NaN,
  Infinity,
  -0,
  undefined,
  10n,
  "x".repeat(2 ** 10 + 1),
  { a: "x".repeat(2 ** 10 + 1) },
  { a: undefined },
  { a: [{ b: -0 }] },
  [1, NaN],
  [1, , 2],
  Object.assign([1], { more: 2 }),
  Object.assign([1, , 2], { more: 3 }),
  Object.defineProperty({ a: 1 }, "toJSON", { value: () => "changed" }),
  Object.defineProperty([1], "toJSON", { value: () => "changed" }),
  THROWING_TAG,
  Object.assign(Object.setPrototypeOf(new Date(0), Object.prototype), {
    [Symbol.toStringTag]: "Object",
  }),
  Array(65).fill(1),
  Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, n])),
  Array.from({ length: 16 }, () => ({})),
  [EMPTY, EMPTY],
  CIRCLE,
  Object.create(null),
  new Class(),
  new Date(0),
  new Map([[1, 2]]),
  new Uint8Array(2),
  new Error("no"),
];

function batchOf(args: readonly unknown[], more: object = {}): unknown {
  const value = { batch: 0, count: 1, functionIds: [1, 2], counts: 1, messages: 0, args, ...more };
  return { id: "1-2", type: "APPLY", path: ["runBatch"], argumentList: [{ type: "RAW", value }] };
}

function outcomeOf(value: unknown): unknown {
  return wrapMessage({ type: "outcome", outcome: { ok: true, value } });
}

function reportOf(value: unknown): unknown {
  const report = { ended: { kept: { value }, at: 100.5 }, begunAt: undefined };
  return wrapMessage({ type: "progress", report });
}

function crosses(message: unknown): { readonly isText: boolean; readonly read: unknown } {
  const read: unknown[] = [];
  const reader = new FrameReader({
    receive: (value) => read.push(value),
    receiveUnreadable: (cause) => read.push(cause),
  });
  for (const part of encodeFrame(message)) reader.push(part);
  return { isText: encodeText(message, "") !== undefined, read: read[0] };
}

// deno-lint-ignore no-explicit-any -- reads into any message
type Message = any;
const ARGUMENT = (message: Message) => message.argumentList[0].value.args[0];
const OUTCOME = (message: Message) => message["@amltk/scheduling"].outcome.value;
const KEPT = (message: Message) => message["@amltk/scheduling"].report.ended.kept.value;

function assertSame(read: unknown, value: unknown): void {
  assertStrictEquals(difference(read, structuredClone(value)), undefined);
}

Deno.test("encodeFrame() writes what JSON shows as it is as JSON", () => {
  for (const value of TEXTS) {
    for (
      const [make, find] of [[(each: unknown) => batchOf([each]), ARGUMENT], [outcomeOf, OUTCOME], [
        reportOf,
        KEPT,
      ]] as const
    ) {
      const { isText, read } = crosses(make(value));
      assertEquals(isText, true, Deno.inspect(value));
      assertSame(find(read), value);
    }
  }
});

Deno.test("encodeFrame() leaves other values to the engine", () => {
  for (const value of OTHERS) {
    for (
      const [make, find] of [[(each: unknown) => batchOf([each]), ARGUMENT], [
        outcomeOf,
        OUTCOME,
      ]] as const
    ) {
      const { isText, read } = crosses(make(value));
      assertEquals(isText, false, Deno.inspect(value));
      assertSame(find(read), value);
    }
  }
});

Deno.test("encodeFrame() keeps a result that is undefined or no text", () => {
  for (const value of OTHERS.slice(0, 4)) assertSame(KEPT(crosses(reportOf(value)).read), value);
});

Deno.test("encodeFrame() writes answers without a value as JSON", () => {
  const answer = { id: "1-2", type: "RAW", value: undefined };
  assertEquals(crosses(answer), { isText: true, read: { id: "1-2", type: "RAW" } });
  const refusal = { ...answer, value: { ok: false } };
  assertEquals(crosses(refusal), { isText: false, read: refusal });
});

Deno.test("encodeFrame() leaves batches with objects of the pool to the engine", () => {
  const message = batchOf([1], { places: new Map([[0, [[0, 1]]]]) });
  assertEquals(crosses(message), { isText: false, read: message });
});

Deno.test("encodeFrame() writes the arguments of a call as JSON, unless it has an object twice", () => {
  const args = [{ a: 1 }, [2], "three"];
  assertEquals(crosses(args), { isText: true, read: args });
  const shared = { a: 1 };
  const { isText, read } = crosses([shared, { shared }]);
  const [first, second] = read as [object, { shared: object }];
  assertStrictEquals(first, second.shared);
  assertEquals(isText, false);
});

Deno.test("encodeFrame() calls a getter once, and refuses what the engine refuses", () => {
  let calls = 0;
  const value = Object.defineProperty({}, "a", { get: () => ++calls, enumerable: true });
  assertEquals(OUTCOME(crosses(outcomeOf(value)).read), { a: 1 });
  assertEquals(calls, 1);
  const list = (function (..._numbers: number[]) {
    return arguments;
  })(1, 2);
  for (const refused of [new Proxy({}, {}), { inside: new Proxy([], {}) }, list]) {
    assertThrows(() => structuredClone(refused), DOMException);
    assertThrows(() => encodeFrame(outcomeOf(refused)), RefusedError);
  }
});

Deno.test("encodeFrame() heeds a toJSON() of the program", () => {
  for (const prototype of [Object.prototype, Array.prototype]) {
    Object.defineProperty(prototype, "toJSON", { value: () => "changed", configurable: true });
    try {
      const message = batchOf([1]);
      assertEquals(crosses(message), { isText: false, read: message });
    } finally {
      delete (prototype as { toJSON?: unknown }).toJSON;
    }
  }
});
