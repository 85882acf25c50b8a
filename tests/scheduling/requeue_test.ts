import { assert, assertEquals, assertGreater, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Requeue } from "@amltk/scheduling";

const SEED = 7_031;
const RUNS = 1_000;

Deno.test("Requeue() iterates over the items of an iterable in order", () => {
  assertEquals([...new Requeue([1, 2, 3])], [1, 2, 3]);
  assertEquals([...new Requeue(new Set(["a", "b"]))], ["a", "b"]);
  assertEquals([...new Requeue("xyz")], ["x", "y", "z"]);
  assertEquals([...new Requeue()], []);
});

Deno.test("Requeue.requeue() puts an item to the front, the last one first", () => {
  const items = new Requeue([1, 2]);
  items.requeue(8);
  items.requeue(9);
  assertEquals([...items], [9, 8, 1, 2]);
});

Deno.test("Requeue.append() puts an item to the back, the last one last", () => {
  const items = new Requeue([1, 2]);
  items.append(8);
  items.append(9);
  assertEquals([...items], [1, 2, 8, 9]);
});

Deno.test("Requeue.requeue() inside a loop over it gives the item again", () => {
  const items = new Requeue(["a", "b"]);
  const seen: string[] = [];
  for (const item of items) {
    seen.push(item);
    if (seen.length === 1) items.requeue(item);
    if (seen.length === 2) items.append("c");
  }
  assertEquals(seen, ["a", "a", "b", "c"]);
});

Deno.test("Requeue.next() resumes after a loop, taking nothing twice", () => {
  const items = new Requeue([1, 2, 3]);
  for (const item of items) if (item === 1) break;
  assertEquals([...items], [2, 3]);
});

Deno.test("Requeue.next() returns items added after exhaustion", () => {
  const items = new Requeue([1]);
  assertEquals([...items], [1]);
  assertEquals(items.next(), { done: true, value: undefined });
  items.append(2);
  items.requeue(3);
  assertEquals([...items], [3, 2]);
  assertEquals(items.next(), { done: true, value: undefined });
});

Deno.test("Requeue.next() takes undefined and null for items like others", () => {
  const items = new Requeue<unknown>([undefined]);
  items.requeue(null);
  items.append(undefined);
  const results = [items.next(), items.next(), items.next(), items.next()];
  assertEquals(results.map(({ done, value }) => [done, value]), [
    [false, null],
    [false, undefined],
    [false, undefined],
    [true, undefined],
  ]);
});

Deno.test("Requeue() reads a lazy iterable on demand", () => {
  const taken: number[] = [];
  function* numbers() {
    for (let n = 1;; n++) {
      taken.push(n);
      yield n;
    }
  }
  const items = new Requeue(numbers());
  assertEquals(taken, []);
  assertEquals([items.next().value, items.next().value], [1, 2]);
  items.requeue(0);
  items.append(99);
  assertEquals([items.next().value, items.next().value], [0, 3]);
  assertEquals([taken, items.size], [[1, 2, 3], undefined]);
});

Deno.test("Requeue() asks an iterable that has ended no more", () => {
  let asked = 0;
  const source = {
    [Symbol.iterator]: () => ({ next: () => ({ done: ++asked > 0, value: undefined }) as const }),
  };
  const items = new Requeue(source as Iterable<number>);
  items.next();
  items.append(1);
  assertEquals([...items], [1]);
  items.next();
  assertEquals(asked, 1);
});

Deno.test("Requeue.size counts the rest of arrays, sets and maps", () => {
  const items = new Requeue([1, 2]);
  assertEquals(items.size, 2);
  items.next();
  assertEquals(items.size, 1);
  items.requeue(9);
  items.append(8);
  assertEquals(items.size, 3);
  for (const _item of items);
  assertEquals(items.size, 0);
  assertEquals(new Requeue(new Set([1, 2, 3])).size, 3);
  assertEquals(new Requeue(new Map([["a", 1]])).size, 1);
  assertEquals(new Requeue().size, 0);
});

Deno.test("Requeue.size of another iterable is unknown until it has ended", () => {
  const items = new Requeue([1].values());
  items.append(2);
  assertEquals([items.size, items.next().value], [undefined, 1]);
  assertEquals([items.size, items.next().value], [undefined, 2]);
  assertEquals(items.size, 0);
  items.requeue(3);
  assertEquals(items.size, 1);
});

Deno.test("Requeue.size is never negative, although the array grew meanwhile", () => {
  const source = [1];
  const items = new Requeue(source);
  source.push(2);
  const sizes: (number | undefined)[] = [];
  for (const _item of items) sizes.push(items.size);
  sizes.push(items.size);
  assertEquals(sizes.filter((size) => size !== undefined && size < 0), []);
  assertEquals(sizes.at(-1), 0);
});

Deno.test("Requeue[Symbol.iterator]() is itself", () => {
  const items = new Requeue([1]);
  assertStrictEquals(items[Symbol.iterator](), items);
});

for (const value of [5, null, {}, () => []]) {
  Deno.test(`Requeue() refuses ${String(value)}, which is no iterable`, () => {
    assertThrows(() => new Requeue(value as unknown as []), TypeError, "iterable");
  });
}

Deno.test(`Requeue behaves like an array (seed ${SEED}, ${RUNS} runs)`, () => {
  type Step = ["next"] | ["requeue" | "append", number];
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.constant<Step>(["next"]),
    fc.tuple(fc.constantFrom("requeue" as const, "append" as const), fc.nat(99)),
  );
  let exhausted = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(99)), fc.array(step, { maxLength: 60 }), fc.boolean(), run),
    { seed: SEED, numRuns: RUNS },
  );
  assertGreater(exhausted, RUNS / 10);

  function run(start: number[], steps: Step[], sizeKnown: boolean): void {
    const items = new Requeue(sizeKnown ? start : start.values());
    // Put back, then given, then appended: the size is unknown until `given` was seen to end.
    const model = { front: [] as number[], given: [...start], back: [] as number[] };
    let known = sizeKnown;
    const checkSize = () => {
      const size = model.front.length + model.given.length + model.back.length;
      assertEquals(items.size, known ? size : undefined);
    };
    checkSize();
    for (const [kind, item] of steps) {
      if (kind === "next") {
        if (model.front.length === 0 && model.given.length === 0) known = true;
        const list = [model.front, model.given, model.back].find((list) => list.length > 0);
        if (list === undefined) exhausted++;
        const expected = list === undefined
          ? { done: true, value: undefined }
          : { done: false, value: list.shift() };
        assertEquals(items.next() as unknown, expected);
      } else if (kind === "requeue") {
        model.front.unshift(item);
        items.requeue(item);
      } else {
        model.back.push(item);
        items.append(item);
      }
      checkSize();
    }
    assertEquals([...items], [...model.front, ...model.given, ...model.back]);
    assertEquals(items.size, 0);
  }
});

Deno.test("Requeue keeps the order of thousands of appended items", () => {
  const items = new Requeue<number>();
  const seen: number[] = [];
  for (let n = 0; n < 5000; n++) {
    items.append(2 * n);
    items.append(2 * n + 1);
    seen.push(items.next().value ?? NaN);
  }
  assertEquals(items.size, 5000);
  seen.push(...items);
  assertEquals(seen, Array.from({ length: 10_000 }, (_, n) => n));
});

async function* rows(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
}

const refused: readonly [items: unknown, shown: string, remedy: string][] = [
  [rows(), "an object of AsyncGenerator, which is an async iterable", "Array.fromAsync()"],
  [new ReadableStream(), "an object of ReadableStream, which is an async iterable", "task.map()"],
  [
    { [Symbol.asyncIterator]: rows },
    "an object of Object, which is an async iterable",
    "for await",
  ],
  [Promise.resolve([1]), "an object of Promise", ": await it first"],
  [rows, "function rows", ""],
  [{ length: 1 }, "an object of Object", ""],
  [Object.create(null), "an object", ""],
  [null, "null", ""],
  [5, "5", ""],
];

for (const [items, shown, remedy] of refused) {
  Deno.test(`Requeue() refuses ${shown}`, () => {
    const error = assertThrows(() => new Requeue(items as Iterable<unknown>), TypeError);
    assert(error.message.startsWith(`A Requeue takes an iterable, not ${shown}`), error.message);
    assert(error.message.includes(remedy), error.message);
  });
}
