// What scheduler.share() promises, on every executor.
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { fromModule, Scheduler } from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";

const shared = fromModule<typeof import("../fixtures/modules/shared.ts")>(
  import.meta.resolve("../fixtures/modules/shared.ts"),
);

const schedulers: [name: string, make: () => Scheduler][] = [
  ["in workers", () => Scheduler.withWorkers(2, BATCH)],
  ["in processes", () => Scheduler.withProcesses(2, BATCH)],
  ["in this thread", () => Scheduler.withSequential()],
];

/** Runs a function from the start of a run to its end. */
async function during(scheduler: Scheduler, fn: () => Promise<unknown>): Promise<void> {
  scheduler.onStart(fn, { limit: 1 });
  await scheduler.run();
}

for (const [where, make] of schedulers) {
  Deno.test(`a shared value is an argument of any call ${where}, over several runs`, async () => {
    const scheduler = make();
    const data = scheduler.share(new Float64Array([1, 2, 3]));
    const nth = scheduler.task((data: Float64Array, n: number) => data[n]);
    const seen: unknown[] = [];
    nth.onResult((_future, value) => seen.push(value));
    scheduler.onStart(() => {
      for (const n of [0, 1, 2, 9]) nth.submit(data, n);
    });
    await scheduler.run();
    await scheduler.run();
    assertEquals(seen.length, 8);
    assertEquals(new Set(seen.slice(0, 4)), new Set([1, 2, 3, undefined]));
    assertEquals(new Set(seen.slice(4)), new Set([1, 2, 3, undefined]));
  });

  Deno.test(`a value is shared as it was when it was shared ${where}`, async () => {
    const scheduler = make();
    const original = { rows: [[1, 2]], labels: new Map([["a", new Uint8Array([7])]]) };
    const data = scheduler.share(original);
    original.rows.push([3]);
    original.labels.clear();
    await during(scheduler, async () => {
      const text = scheduler.submit((value: typeof original) => {
        return JSON.stringify([
          value.rows,
          [...value.labels].map(([key, bytes]) => [key, ...bytes]),
        ]);
      }, data);
      assertEquals(await text, '[[[1,2]],[["a",7]]]');
    });
  });

  Deno.test(`A released value crosses again with each call ${where}`, async () => {
    const scheduler = make();
    const data = scheduler.share({ n: 4 });
    const half = scheduler.task((value: { n: number }) => value.n / 2);
    await during(scheduler, async () => {
      const calls = Array.from({ length: 20 }, () => half.submit(data));
      data.release();
      data.release();
      calls.push(half.submit(data));
      assertEquals(await Promise.all(calls), Array(21).fill(2));
    });
  });

  Deno.test(`Calls distinguish several shared values and others ${where}`, async () => {
    const scheduler = make();
    const a = scheduler.share(["a"]);
    const b = scheduler.share(["b"]);
    const join = scheduler.task((...lists: string[][]) => lists.flat().join(""));
    await during(scheduler, async () => {
      const calls = [
        join.submit(a, b),
        join.submit(["-"], b, ["+"], a),
        join.submit(a, a),
        join.submit(["x"]),
        join.submit(),
      ];
      assertEquals(await Promise.all(calls), ["ab", "-b+a", "aa", "x", ""]);
    });
  });

  Deno.test(`share() refuses unshareable values at once ${where}`, () => {
    const scheduler = make();
    const value = { rows: [1, { fit: () => {} }] };
    const error = assertThrows(() => scheduler.share(value));
    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertThrows(
      () => scheduler.share("text" as never),
      TypeError,
      'such as a typed array, not "text"',
    );
    assertThrows(
      () => scheduler.share(null as never),
      TypeError,
      "such as a typed array, not null",
    );
    assertThrows(() => scheduler.share({ release: 1 }), TypeError, "no such property");
  });
}

for (const [where, make] of schedulers) {
  Deno.test(`share() names the unshareable part ${where}`, () => {
    const cases: [object, string][] = [
      [{ rows: [1, { fit: () => {} }] }, "at .rows[1].fit, is a function (fit), which cannot"],
      [[new URL("https://example.org/")], "at [0], is a URL, which cannot be cloned: pass String"],
      [{ list: new Proxy([1], {}) }, "at .list, is a Proxy"],
      [{
        get rows() {
          throw new RangeError("no rows");
        },
      }, "at .rows, is a getter that throws RangeError: no rows"],
    ];
    for (const [value, message] of cases) {
      assertThrows(() => make().share(value), DOMException, `The shared value, ${message}`);
    }
  });

  Deno.test(`share() keeps the holes and other keys of lists ${where}`, async () => {
    const scheduler = make();
    const sparse: string[] = [];
    sparse[3] = "three";
    const match = "abc".match(/(?<letter>b)/d);
    const data = scheduler.share([sparse, match, [, 1, ,]]);
    await during(scheduler, async () => {
      const keys = scheduler.submit(
        (lists: object[]) => lists.map((list) => [...Object.keys(list), (list as []).length]),
        data as object[],
      );
      assertEquals(await keys, [
        ["3", 4],
        ["0", "1", "index", "input", "groups", "indices", 2],
        ["1", 3],
      ]);
    });
  });

  Deno.test(`share() of a sparse list costs by its items ${where}`, () => {
    const list: string[] = [];
    list[4_000_000_000] = "one";
    const data = make().share({ list });
    assertEquals(Object.entries(data.list), [["4000000000", "one"]]);
    assertEquals(data.list.length, 4_000_000_001);
  });

  Deno.test(`share() keeps the identity of repeated objects ${where}`, () => {
    class Model {
      rows: unknown;
      constructor(rows: unknown) {
        this.rows = rows;
      }
    }
    const rows = [new Float64Array(2)];
    const data = make().share({
      rows,
      model: new Model(rows),
      error: new Error("e", { cause: rows }),
      errorOfArray: new Error("e", { cause: rows[0] }),
    });
    assertStrictEquals(data.model.rows, data.rows);
    assertStrictEquals(data.error.cause, data.rows);
    assertStrictEquals(data.errorOfArray.cause, data.rows[0]);
    assert(data.rows !== rows);
  });
}

for (const [where, make] of schedulers.slice(0, 2)) {
  Deno.test(`a worker has a shared value once ${where}, until it is released`, async () => {
    const scheduler = make();
    const data = scheduler.share({ n: 1 });
    await during(scheduler, async () => {
      const visits = await Promise.all(Array.from({ length: 8 }, () => {
        return scheduler.submit(shared.visit, data);
      }));
      const byWorker = Map.groupBy(visits, ({ worker }) => worker);
      for (const ofOne of byWorker.values()) {
        // Sorted, because calls that a busy machine delays go to the worker that is idle first.
        const counts = ofOne.map(({ count }) => count).toSorted((a, b) => a - b);
        assertEquals(counts, ofOne.map((_visit, index) => index + 1));
      }
      data.release();
      assertEquals((await scheduler.submit(shared.visit, data)).count, 1);
      assertEquals((await scheduler.submit(shared.visit, data)).count, 1);
    });
  });

  Deno.test(`A replaced worker receives shared values again ${where}`, async () => {
    const scheduler = make();
    const data = scheduler.share({ n: 3 });
    const task = scheduler.task((value: { n: number }, exit: boolean) => {
      if (exit) Deno.exit(0);
      return value.n;
    });
    scheduler.onStart(async () => {
      for (let round = 0; round < 3; round++) {
        await Promise.all(Array.from({ length: 4 }, async () => {
          assertEquals(await task.submit(data, false), 3);
        }));
        await task.submit(data, true).catch(() => {});
      }
    });
    await scheduler.run({ onException: "ignore" });
    assertEquals(task.eventCounts.exception, 3);
    assertEquals(task.eventCounts.result, 12);
  });

  Deno.test(`A shared value crosses beside copied and moved arguments ${where}`, async () => {
    const scheduler = make();
    const data = scheduler.share(new Uint8Array([5]));
    const sum = scheduler.task((...all: { readonly [index: number]: number }[]) => {
      return all.reduce((total, bytes) => total + (bytes[0] ?? 0), 0);
    });
    await during(scheduler, async () => {
      const moved = new Uint8Array([1]);
      const calls = [
        sum.with({ transfer: [moved.buffer] }).submit(moved, data),
        sum.submit({ 0: 10 }, data, { 0: 20 }),
        sum.submit(data, { 0: 30 }),
      ];
      assertEquals(await Promise.all(calls), [6, 35, 35]);
    });
  });
}

Deno.test("nothing in a worker holds a value that was released", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const data = scheduler.share({ n: 1 });
  await during(scheduler, async () => {
    await scheduler.submit(shared.visit, data);
    assertEquals(await scheduler.submit(shared.isHeld), true);
    data.release();
    assertEquals(await scheduler.submit(shared.isHeld), false);
  });
});

Deno.test("A refused call does not affect shared values of others", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const data = scheduler.share([1]);
  const first = scheduler.task((list: number[], _other: unknown) => list[0]);
  scheduler.onStart(async () => {
    const refused = first.submit(data, { no: () => {} });
    const next = [first.submit(data, 1), first.submit(data, {})];
    assertInstanceOf(await refused.catch((error) => error), DOMException);
    assertEquals(await Promise.all(next), [1, 1]);
  });
  await scheduler.run({ onException: "ignore" });
});

Deno.test("typed arrays and buffers are in memory that workers share", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
  const buffer = new ArrayBuffer(16);
  const cyclic: Record<string, unknown> = { bytes: new Uint8Array(buffer, 4, 2) };
  cyclic.all = [buffer, new DataView(buffer, 8), new Set([new Float32Array(buffer)]), cyclic];
  const data = scheduler.share(cyclic) as unknown as { bytes: Uint8Array; all: unknown[] };
  const [all, view, set, itself] = data.all as [ArrayBuffer, DataView, Set<Float32Array>, unknown];
  const [floats] = set;
  assertInstanceOf(data.bytes.buffer, SharedArrayBuffer);
  assert((data as unknown) !== cyclic);
  assertStrictEquals(itself, data as unknown);
  assertEquals([data.bytes.byteOffset, data.bytes.length], [4, 2]);
  assertEquals([view.byteOffset, view.byteLength, floats?.length], [8, 8, 4]);
  for (const each of [all, view.buffer, floats?.buffer]) {
    assertStrictEquals(each, data.bytes.buffer);
  }
  await during(scheduler, async () => {
    await scheduler.submit((value: { bytes: Uint8Array }) => value.bytes.fill(9), data);
  });
  assertEquals([...data.bytes], [9, 9]);
  assertEquals([...new Uint8Array(buffer)], Array(16).fill(0));
});

Deno.test("a resizable buffer is shared as one that grows, and its views as they were", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const buffer = new ArrayBuffer(8, { maxByteLength: 24 });
  const data = scheduler.share({
    all: new Uint8Array(buffer),
    half: new Uint8Array(buffer, 0, 4),
    numbers: new Float64Array(buffer),
  });
  await during(scheduler, async () => {
    await scheduler.submit((all: Uint8Array) => {
      (all.buffer as unknown as SharedArrayBuffer).grow(16);
    }, data.all);
  });
  assertEquals([data.all.length, data.half.length, data.numbers.length], [16, 4, 2]);
});

Deno.test("share() copies shared memory to a process", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const data = scheduler.share(new Int32Array(new SharedArrayBuffer(8)).fill(3));
  await during(scheduler, async () => {
    const sum = await scheduler.submit((numbers: Int32Array) => {
      return numbers.fill(4).reduce((a, b) => a + b);
    }, data);
    assertEquals(sum, 8);
  });
  assertEquals([...data], [3, 3]);
});

Deno.test("share() keeps buffers in shared memory in place", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const data = scheduler.share({ counter });
  await during(scheduler, async () => {
    await scheduler.submit(({ counter }: { counter: Int32Array }) => {
      Atomics.add(counter, 0, 2);
    }, data);
  });
  assertEquals(counter[0], 2);
});

Deno.test("a buffer that was moved elsewhere is refused; a key like __proto__ does no harm", () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  assertThrows(
    () => scheduler.share({ bytes }),
    DOMException,
    "at .bytes, is a Uint8Array that was moved before",
  );
  const record = JSON.parse('{"__proto__":{"polluted":true}}');
  const data = scheduler.share(record);
  assert(Object.hasOwn(data, "__proto__"));
  assertEquals((data as { polluted?: boolean }).polluted, undefined);
});

Deno.test("a shared value is released at the end of its block", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  await during(scheduler, async () => {
    const counts: number[] = [];
    let kept;
    {
      using data = scheduler.share({ n: 1 });
      for (let n = 0; n < 2; n++) counts.push((await scheduler.submit(shared.visit, data)).count);
      kept = data;
    }
    for (let n = 0; n < 2; n++) counts.push((await scheduler.submit(shared.visit, kept)).count);
    assertEquals(counts, [1, 2, 1, 1]);
  });
});

Deno.test("share() returns the value with a local release()", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const data = scheduler.share({ n: 1 });
  assertEquals(data as { n: number }, { n: 1 });
  assertEquals(Object.keys(data), ["n"]);
  await during(scheduler, async () => {
    const keys = await scheduler.submit((value: object) => Reflect.ownKeys(value).length, data);
    assertEquals(keys, 1);
  });
});
