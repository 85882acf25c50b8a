// The keys of calls: different values have different keys, equal ones have the same.
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fromModule, JournalError, Scheduler, type TaskFunction } from "@amltk/scheduling";
import { callKey, type KeySettings } from "../../plugins/journal/_call_key.ts";
import { FunctionParts } from "../../plugins/journal/_function_parts.ts";
import { readResult, storeResult } from "../../plugins/journal/_stored_result.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { difference } from "../fixtures/same_value.ts";
import { valueGraphs } from "../fixtures/value_arbitraries.ts";
import { makeValue, type Part, type ValueGraph } from "../fixtures/value_graph.ts";

const same = (n: unknown): unknown => n;
const SEED = 20_261_126;

function settings(version?: string | number): KeySettings {
  const path = "results.db";
  return { path, version, key: undefined, functionParts: new FunctionParts(path) };
}

const keys = settings();

function keyOf(...args: unknown[]): string {
  return callKey(keys, "work", { function: same, args, injected: [] });
}

function keyOfFunction(fn: TaskFunction): string {
  return callKey(settings(), "work", { function: fn, args: [], injected: [] });
}

const withFields = (object: object, fields: object) => Object.assign(object, fields);

function cycle(depth: number): unknown[] {
  const list: unknown[] = [];
  let innermost = list;
  for (let level = 0; level < depth; level++) innermost = [innermost];
  list.push(innermost);
  return list;
}

const shared = { a: 1 };

// Each value is different from all others.
const DIFFERENT: Readonly<Record<string, unknown>> = {
  ...{ undefined, null: null, true: true, false: false, one: 1, zero: 0, minus: -0, NaN, Infinity },
  ...{ minusInfinity: -Infinity, bigint: 1n, bigZero: 0n, bigMinus: -1n, hex: 255n, hexText: "ff" },
  ...{ empty: "", zeroText: "0", nullText: "null", spaces: " ", nul: "\0", umlaut: "ä" },
  decomposed: "a\u0308",
  ...{ surrogate: "\ud800", otherSurrogate: "\ud801", replacement: "\ufffd", astral: "\u{1f600}" },
  ...{ long: "a".repeat(48), longer: "a".repeat(49), longest: "a".repeat(20_000) },
  ...{ boxedOne: Object(1), boxedText: Object(""), boxedTrue: Object(true), boxedBig: Object(1n) },
  boxedMinus: Object(-0),
  ...{ date: new Date(0), laterDate: new Date(1), noDate: new Date(NaN) },
  ...{ regexp: /a/, flags: /a/g, otherSource: /b/, textOfRegexp: "/a/" },
  ...{
    record: {},
    missing: { b: 1 },
    present: { a: undefined, b: 1 },
    nullField: { a: null, b: 1 },
  },
  ...{ fieldName: { ab: 1 }, fieldNames: { a: 1, b: 1 }, swapped: { a: 2, b: 1 } },
  ...{ unswapped: { a: 1, b: 2 }, nested: { a: { b: 1 } }, proto: JSON.parse('{"__proto__": 1}') },
  ...{ list: [], hole: [,], holes: [, ,], undefinedItem: [undefined], nullItem: [null] },
  ...{ lists: [[]], items: [1, 2], reversed: [2, 1], split: [[1], [2]], split2: [[1, 2]] },
  ...{ holeThenOne: [, 1], oneThenHole: [1, ,], sparse: withFields([], { 4_000_000_000: 1 }) },
  ...{ listWithField: withFields([1], { a: 1 }), recordOfList: { 0: 1 }, asText: "1" },
  ...{ map: new Map(), mapOfOne: new Map([[1, 2]]), mapOfText: new Map([["1", 2]]) },
  ...{ mapOrder: new Map([[1, 2], [3, 4]]), otherMapOrder: new Map([[3, 4], [1, 2]]) },
  ...{ mapOfLists: new Map([[[1], [2]]]), mapOfFlat: new Map([[[1, 2], 3]]) },
  ...{ set: new Set(), setOrder: new Set([1, 2]), otherSetOrder: new Set([2, 1]) },
  setOfFour: new Set([1, 2, 3, 4]),
  ...{
    u8: new Uint8Array(2),
    i8: new Int8Array(2),
    u16: new Uint16Array(1),
    u8s: new Uint8Array(3),
  },
  ...{ clamped: new Uint8ClampedArray(2), f16: new Float16Array(1), f32: new Float32Array(1) },
  ...{ f64: new Float64Array(1), big64: new BigInt64Array(1), ubig64: new BigUint64Array(1) },
  ...{ bytes: new Uint8Array([0, 1]), view: new DataView(new ArrayBuffer(2)) },
  ...{ otherView: new DataView(new ArrayBuffer(3)), negative: new Float64Array([-0]) },
  ...{ buffer: new ArrayBuffer(2), longBuffer: new ArrayBuffer(3) },
  ...{ resizable: new ArrayBuffer(2, { maxByteLength: 2 }) },
  resizableMore: new ArrayBuffer(2, { maxByteLength: 3 }),
  ...{ shared: new SharedArrayBuffer(2), sharedView: new Uint8Array(new SharedArrayBuffer(2)) },
  large: new Uint8Array(100_000),
  otherLarge: withFields(new Uint8Array(100_000), { 99_999: 1 }),
  ...{ error: new Error("a"), typeError: new TypeError("a"), otherError: new Error("b") },
  ...{ noMessage: new Error(), noCause: new Error("a", { cause: undefined }) },
  ...{ cause: new Error("a", { cause: 1 }), causeError: new Error("a", { cause: new Error("a") }) },
  ...{ exception: new DOMException("a", "b"), otherException: new DOMException("b", "a") },
  ...{ cycle: cycle(0), longCycle: cycle(1), longerCycle: cycle(2) },
  ...{
    aliased: [shared, shared],
    equal: [{ a: 1 }, { a: 1 }],
    aliasedInRecord: { a: shared, b: shared },
  },
  ...{
    textOfKey: "work",
    emptyKey: { "": 1 },
    flatKeys: { a: "b", c: "d" },
    otherKeys: { a: "c", b: "d" },
  },
};

Deno.test("Journal: different values have different keys", () => {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(DIFFERENT)) {
    for (const [place, placed] of [["", value], ["in a record: ", { placed: value }]] as const) {
      const key = keyOf(placed);
      assertEquals(names.get(key), undefined, place + name);
      names.set(key, place + name);
    }
  }
});

Deno.test("Journal: arguments have keys by number and place", () => {
  const lists = [[], [undefined], [1, 2], [2, 1], [12], ["1", 2], [[1, 2]], [[1], 2], [1, [2]]];
  const found = new Set(lists.map((args) => keyOf(...args)));
  assertEquals(found.size, lists.length);
  const injected = [
    { args: [1, 2], injected: [] },
    { args: [2], injected: [1] },
    { args: [], injected: [1, 2] },
  ].map((parts) => callKey(keys, "work", { function: same, ...parts }));
  assertEquals(new Set(injected).size, 3);
  assertEquals(injected[0], keyOf(1, 2));
});

Deno.test("Journal: objects that arguments share count", () => {
  const [one, other] = [{ a: 1 }, { a: 1 }];
  assertNotEquals(keyOf(one, one), keyOf(one, other));
  assertNotEquals(keyOf([one], one), keyOf([one], other));
  assertEquals(keyOf(one, one), keyOf(other, other));
  assertEquals(keyOf(one, other), keyOf(other, one));
  assertEquals(keyOf([one], one), keyOf([other], other));
  assertNotEquals(keyOf(one, other, one), keyOf(one, other, other));
});

Deno.test("Journal: equal values have one key", () => {
  class Point {
    x = 1;
    #secret = Math.random();
    get sum(): number {
      return this.x + this.#secret;
    }
  }
  const getter = {
    get a() {
      return 1;
    },
    b: 2,
  };
  const moved = /a/g;
  moved.lastIndex = 3;
  const buffer = new Uint8Array([9, 1, 2, 9]).buffer;
  const equal: [string, unknown, unknown][] = [
    ["order of properties", { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 }],
    ["properties that are indices", { b: 1, 1: 2, a: 3 }, { a: 3, b: 1, 1: 2 }],
    ["properties of lists", withFields([1], { a: 1, b: 2 }), withFields([1], { b: 2, a: 1 })],
    ["an instance and its fields", new Point(), { x: 1 }],
    ["a getter and its value", getter, { a: 1, b: 2 }],
    ["a record without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ["history of a list", [1, 2, 3].splice(0, 2), [1, 2]],
    ["another NaN", new Float64Array(new BigUint64Array([0x7ff8000000000001n]).buffer)[0], NaN],
    ["place of a RegExp", moved, /a/g],
    ["stack of an error", new Error("a"), withStack(new Error("a"))],
    ["part of a buffer", new Uint8Array(buffer, 1, 2), new Uint8Array([1, 2])],
    ["a Buffer of Node", Buffer.from("a"), new Uint8Array([97])],
    ["symbols", { a: 1, [Symbol("a")]: 2 }, { a: 1 }],
    ["a subclass", new class extends Map<number, number> {}([[1, 2]]), new Map([[1, 2]])],
  ];
  for (const [name, one, other] of equal) {
    assertEquals(keyOf(one), keyOf(other), name);
    assertEquals(keyOf([{ one }]), keyOf([{ one: other }]), name);
  }
});

function withStack(error: Error): Error {
  return Object.defineProperty(error, "stack", { value: "elsewhere" });
}

Deno.test("Journal: a shared value has the key of its copy", async () => {
  const value = { rows: new Float64Array([1, 2]), raw: new ArrayBuffer(2), by: new Map([[1, {}]]) };
  const make = [
    () => Scheduler.withWorkers(1, BATCH),
    () => Scheduler.withProcesses(1, BATCH),
    () => Scheduler.withSequential(),
  ];
  for (const scheduler of make.map((each) => each())) {
    const handle = scheduler.share(value);
    for (const args of [[value], [1, value], [value, 1], [value, value]]) {
      const same = args.map((arg) => arg === value ? handle : arg);
      assertEquals(keyOf(...same), keyOf(...args));
    }
    assertEquals(keyOf(handle, value), keyOf(value, structuredClone(value)));
    handle.release();
    assertEquals(keyOf(handle), keyOf(value));
    await scheduler[Symbol.asyncDispose]();
  }
});

Deno.test("Journal hashes a shared value once", () => {
  let reads = 0;
  const scheduler = Scheduler.withSequential();
  const handle = scheduler.share({ list: [1, 2] });
  const { list } = handle;
  Object.defineProperty(handle, "list", { enumerable: true, get: () => (reads++, list) });
  const first = keyOf(handle);
  const readsOfFirst = reads;
  for (let n = 0; n < 10; n++) assertEquals(keyOf(handle), first);
  assert(readsOfFirst > 0);
  assertEquals(reads, readsOfFirst);
});

// --- random values

const propertyOptions = { numRuns: 300, seed: SEED };

/** The same value made once more, its fields in the opposite order. */
function reversed(graph: ValueGraph): ValueGraph {
  return graph.map((part) =>
    "fields" in part
      // The last of two fields of one name wins.
      ? { ...part, fields: [...new Map(part.fields)].reverse() }
      : part
  );
}

Deno.test("Journal: random values have one key each time", () => {
  fc.assert(
    fc.property(valueGraphs, (graph) => {
      const key = keyOf(makeValue(graph));
      assertEquals(keyOf(makeValue(graph)), key);
      assertEquals(keyOf(makeValue(reversed(graph))), key);
      assertEquals(keyOf(structuredClone(makeValue(graph))), key);
    }),
    propertyOptions,
  );
});

// A view counts by its bytes alone.
const hasView = (graph: ValueGraph) => graph.some(({ kind }) => kind === "view");

/** The fields of each part in the order of their names, as far as objects keep an order. */
function sorted(graph: ValueGraph): ValueGraph {
  const byName = ([one]: readonly [string, number], [other]: readonly [string, number]) =>
    one < other ? -1 : 1;
  return graph.map((part) =>
    "fields" in part ? { ...part, fields: [...new Map(part.fields)].sort(byName) } : part
  );
}

const pairs = fc.tuple(valueGraphs, valueGraphs, fc.nat(), fc.nat())
  .filter(([one, other]) => !hasView(one) && !hasView(other))
  .map(([one, other, at, from]): [ValueGraph, ValueGraph] => {
    const [base, donor] = [sorted(one), sorted(other)];
    const part = donor[from % donor.length] as Part;
    return [base, base.with(at % base.length, part)];
  });

Deno.test("Journal: random values that differ have different keys", () => {
  const counts = { same: 0, different: 0 };
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      // The stacks of errors, which do not count, are those of their messages.
      const [a, b] = [one, other].map((graph) => structuredClone(makeValue(graph)));
      const [keyA, keyB] = [keyOf(a), keyOf(b)];
      const found = difference(a, b);
      counts[found === undefined ? "same" : "different"]++;
      if (found === undefined) assertEquals(keyA, keyB);
      else assertNotEquals(keyA, keyB, found);
    }),
    { ...propertyOptions, numRuns: 1_000 },
  );
  assert(counts.same > 100 && counts.different > 100, JSON.stringify(counts));
});

Deno.test("Journal: random results are read as they were", () => {
  fc.assert(
    fc.property(valueGraphs, (graph) => {
      const stored = storeResult("results.db", "a", "work", makeValue(graph));
      const read = readResult("results.db", "a", stored);
      assertEquals(difference(read, structuredClone(makeValue(graph))), undefined);
      assertThrows(() => readResult("results.db", "b", stored), JournalError, "bytes changed");
    }),
    propertyOptions,
  );
});

Deno.test("Journal: deep and long values have keys", () => {
  let deep: unknown = 0;
  for (let level = 0; level < 2_000; level++) deep = { deep };
  assertEquals(keyOf(deep), keyOf(structuredClone(deep)));
  const long = Array.from({ length: 100_000 }, (_, n) => ({ n }));
  assertEquals(keyOf(long), keyOf(structuredClone(long)));
  assertNotEquals(keyOf(long), keyOf(long.with(99_999, { n: 0 })));
});

// --- functions

Deno.test("Journal: another text of a function is another key", () => {
  const [one, equal] = [(n: number) => n * 2, (n: number) => n * 2];
  const texts: TaskFunction[] = [
    one,
    (n: number) => n * 3,
    (m: number) => m * 2,
    async (n: number) => await n * 2,
    function double(n: number) {
      return n * 2;
    },
  ];
  assertEquals(keyOfFunction(one), keyOfFunction(equal));
  assertEquals(new Set(texts.map(keyOfFunction)).size, texts.length);
});

Deno.test("Journal: another module, export or text is another key", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [one, other] = ["one.ts", "other.ts"].map((name) => `${folder}/${name}`) as [
      string,
      string,
    ];
    const write = (path: string, text: string) => Deno.writeTextFileSync(path, text);
    const url = (path: string) => new URL(`file://${path}`).href;
    const key = (url: string, name = "work") =>
      keyOfFunction(fromModule<Record<string, () => number>>(url)[name] as TaskFunction);
    write(one, "export const work = () => 1;");
    write(other, "export const work = () => 1;");
    const first = key(url(one));
    const found = [first, key(url(other)), key(url(one), "train"), key(`${url(one)}?a`)];
    write(one, "export const work = () => 2;");
    found.push(key(url(one)));
    assertEquals(new Set(found).size, 5);
    write(one, "export const work = () => 1;");
    assertEquals(key(url(one)), first);
    Deno.removeSync(one);
    // It cannot be called, but it has a key.
    assertNotEquals(key(url(one)), first);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("Journal knows a remote module by its URL", () => {
  const key = (url: string) => keyOfFunction(fromModule<{ work(): number }>(url).work);
  const urls = ["https://example.com/a.ts", "https://example.com/b.ts", "data:text/javascript,"];
  assertEquals(new Set(urls.map(key)).size, 3);
  assertEquals(key(urls[0] as string), key(urls[0] as string));
});

Deno.test("Journal: a key depends on nothing else", () => {
  // Written down, so that a change of the encoding is noticed: it needs another ENCODING.
  const args = [{ depth: 3, rates: [0.1, -0] }, "tree", new Map([[1n, new Set([null])]])];
  const fn = Function("return (n) => n;")();
  const key = callKey(settings("v1"), "train", { function: fn, args, injected: [undefined] });
  assertEquals(key, "d58bb25e594dca9d1817c730adc75d0d3c7794ae9665f6140398b75b55c60fb4");
});
