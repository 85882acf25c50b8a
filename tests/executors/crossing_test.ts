/**
 * Which values cross to workers and processes, and how. A value that `structuredClone()` refuses is refused
 * with its name and place, however deep it is; a value that it flattens arrives flat.
 *
 * @module
 */

import { fromModule, type Future, Scheduler, transfer } from "@amltk/scheduling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import {
  flattened,
  inSharedMemory,
  refused,
  refusedByProcesses,
} from "../fixtures/modules/web_objects.ts";

const far = fromModule<typeof import("../fixtures/modules/web_objects.ts")>(
  import.meta.resolve("../fixtures/modules/web_objects.ts"),
);

const PROCESSES = "processes";
const executors: [where: string, make: () => Scheduler][] = [
  ["workers", () => Scheduler.withWorkers(1, BATCH)],
  [PROCESSES, () => Scheduler.withProcesses(1, BATCH)],
];

/** Runs a function as the start callback of a run. It handles failures of tasks itself. */
async function during(
  make: () => Scheduler,
  fn: (scheduler: Scheduler) => Promise<void>,
): Promise<void> {
  const scheduler = make();
  let ended: Promise<void> | undefined;
  scheduler.onStart(() => ended = fn(scheduler));
  // An error of the callback itself must not be ignored.
  const exit = await scheduler.run({ onException: "ignore" });
  await ended;
  assertEquals(exit.code, "exhausted");
}

async function failureOf(future: Future<unknown>): Promise<unknown> {
  return await future.then(() => "it did not fail", (error) => error);
}

/** Asserts that a value is refused by name, alone and inside another, as argument and as result. */
async function checkRefused(scheduler: Scheduler, name: string, make: () => unknown) {
  const show = scheduler.task(far.show, { name: "show" });
  const place = "at .items[1].key,";
  const cases: [unknown, string][] = [
    [await failureOf(show.submit(make())), `show cannot be called: argument 1 is ${name}`],
    [
      await failureOf(show.submit({ items: [1, { key: make() }] })),
      `show cannot be called: argument 1, ${place} is ${name}`,
    ],
    // A promise that is returned is awaited.
    ...(name === "a promise" ? [] : [
      [await failureOf(scheduler.submit(far.give, name, false)), `The result of give is ${name}`],
    ] as [unknown, string][]),
    [
      await failureOf(scheduler.submit(far.give, name, true)),
      `The result of give, ${place} is ${name}`,
    ],
  ];
  for (const [error, message] of cases) {
    assertInstanceOf(error, DOMException, `${name}: ${error}`);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, message);
  }
}

function checkNotShared(scheduler: Scheduler, name: string, make: () => unknown): void {
  const error = assertThrows(() => scheduler.share({ items: [1, { key: make() }] }), DOMException);
  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, `The shared value, at .items[1].key, is ${name}`);
}

for (const [where, make] of executors) {
  const ofProcesses = where === PROCESSES ? { ...refusedByProcesses, ...inSharedMemory } : {};

  Deno.test(`${where}: an uncloneable value is named with its place`, async () => {
    await during(make, async (scheduler) => {
      for (const [name, make] of Object.entries({ ...refused, ...ofProcesses })) {
        await checkRefused(scheduler, name, make);
      }
      // Nothing of it is left behind.
      assertEquals(await scheduler.submit(far.show, { n: 1 }), "{ n: 1 }");
    });
  });

  Deno.test(`${where}: share() names an uncloneable value`, () => {
    const scheduler = make();
    const more = where === PROCESSES ? refusedByProcesses : {};
    for (const [name, make] of Object.entries({ ...refused, ...more })) {
      checkNotShared(scheduler, name, make);
    }
  });

  Deno.test(`${where}: an uncloneable field of an error arrives as text`, async () => {
    await during(make, async (scheduler) => {
      const names = Object.keys({ ...refused, ...ofProcesses }).filter((name) =>
        !name.includes("Proxy")
      );
      for (const name of names) {
        const error = await failureOf(scheduler.submit(far.fail, name)) as Record<string, unknown>;
        assertInstanceOf(error, RangeError, name);
        assertEquals([error.code, typeof error.field], [7, "string"], name);
        const record = await failureOf(scheduler.submit(far.failWithRecord, name));
        assertEquals(record, { message: "a record", code: 7, field: error.field }, name);
      }
    });
  });

  Deno.test(`${where}: a value that structuredClone() flattens arrives flat`, async () => {
    await during(make, async (scheduler) => {
      for (const [name, make] of Object.entries(flattened)) {
        const expected = structuredClone({ key: make() });
        assertEquals(Object.getPrototypeOf(expected.key), Object.prototype);
        const shown = await scheduler.submit(far.show, { key: make() });
        assertEquals(shown, Deno.inspect(expected, { compact: true }), name);
        assertEquals(await scheduler.submit(far.give, name, false), expected.key, name);
      }
    });
  });

  Deno.test(`${where}: the engine's reason comes before a class that is refused`, async () => {
    await during(make, async (scheduler) => {
      const value = { url: new URL("https://example.org/"), onDone() {} };
      const error = await failureOf(scheduler.submit(far.show, value)) as Error;
      assertStringIncludes(error.message, "argument 1, at .onDone, is a function (onDone)");
    });
  });

  Deno.test(`${where}: places name keys, getters, keys of maps and causes`, async () => {
    const cases: [unknown, string][] = [
      [{ "a b": [() => 1] }, `at ["a b"][0], is a function`],
      [new Map([[() => 1, 1]]), "at (a key of a Map), is a function"],
      [{ map: new Map([[1, () => 1]]) }, "at .map (a value of a Map), is a function"],
      [[new Set([() => 1])], "at [0] (an item of a Set), is a function"],
      [new Map([[1, new URL("https://example.org/")]]), "at (a value of a Map), is a URL"],
      [new Map([[new URL("https://example.org/"), 1]]), "at (a key of a Map), is a URL"],
      [new Set([new URL("https://example.org/")]), "at (an item of a Set), is a URL"],
      [new Error("e", { cause: new URL("https://example.org/") }), "at .cause, is a URL"],
      [[...Array(2_000), { url: new URL("https://example.org/") }], "at [2000].url, is a URL"],
      [new Error("e", { cause: { hook() {} } }), "at .cause.hook, is a function"],
      [{
        items: [{
          get broken() {
            throw new RangeError("boom");
          },
        }],
      }, "at .items[0].broken, is a getter that throws RangeError: boom"],
    ];
    await during(make, async (scheduler) => {
      for (const [value, place] of cases) {
        const error = await failureOf(scheduler.submit(far.show, value)) as Error;
        assertStringIncludes(error.message, `argument 1, ${place}`);
      }
    });
  });

  Deno.test(`${where}: a DOMException arrives whole, wherever it is`, async () => {
    await during(make, async (scheduler) => {
      const places = await scheduler.submit(() => {
        const make = (place: string) => new DOMException(`in ${place}`, "TimeoutError");
        return {
          field: make("field"),
          list: [make("list")],
          long: [...Array(2_000), make("long")],
          own: Object.assign([], { key: make("own") }),
          key: new Map([[make("key"), 1]]),
          value: new Map([[1, make("value")]]),
          set: new Set([make("set")]),
          cause: new Error("outer", { cause: make("cause") }),
          get getter() {
            return make("getter");
          },
        };
      });
      const found: Record<string, unknown> = {
        field: places.field,
        list: places.list[0],
        long: places.long[2_000],
        own: places.own.key,
        key: [...places.key.keys()][0],
        value: places.value.get(1),
        set: [...places.set][0],
        cause: places.cause.cause,
        getter: places.getter,
      };
      for (const [place, error] of Object.entries(found)) {
        assertInstanceOf(error, DOMException, place);
        assertEquals([error.name, error.code], ["TimeoutError", 23], place);
        assertEquals(error.message, `in ${place}`);
        assertStringIncludes(error.stack ?? "", `in ${place}`);
        // Like exceptions that are made in this thread.
        assertInstanceOf(structuredClone(error), DOMException, place);
      }
      const shown = await scheduler.submit((error: Error) => {
        return [error instanceof DOMException, error.name, error.message];
      }, places.field);
      assertEquals(shown, [true, "TimeoutError", "in field"]);
    });
  });

  Deno.test(`${where}: a DOMException in many places is one`, async () => {
    await during(make, async (scheduler) => {
      const result = await scheduler.submit(() => {
        const error = new DOMException("took too long", "TimeoutError");
        const list: unknown[] = [error, { error }, new Map([[error, new Set([error])]])];
        // More often than any object is visited.
        for (let n = 0; n < 20; n++) list.push([error, list]);
        return list;
      });
      const [error, record, map, ...pairs] = result as [
        DOMException,
        { error: DOMException },
        Map<DOMException, Set<DOMException>>,
        ...[DOMException, unknown][],
      ];
      assertInstanceOf(error, DOMException);
      assert(record.error === error && map.get(error)?.has(error));
      assert(
        pairs.length === 20 && pairs.every(([each, list]) => each === error && list === result),
      );
    });
  });

  Deno.test(`${where}: each typed array has a buffer of its own length`, async () => {
    await during(make, async (scheduler) => {
      const size = scheduler.task((xs: Float64Array) => [xs.byteOffset, xs.buffer.byteLength]);
      assertEquals(await size.submit(new Float64Array([1.5])), [0, 8]);
      const make = scheduler.task((n: number) => new Float64Array([n, n]));
      const [a, b] = await Promise.all([make.submit(1), make.submit(2)]);
      assertEquals([a.buffer.byteLength, b.buffer.byteLength], [16, 16]);
      assert(a.buffer !== b.buffer);
      assertEquals(structuredClone(a, { transfer: [a.buffer] }), new Float64Array([1, 1]));
      assert(a.buffer.detached);
      const views = await scheduler.submit(() => {
        const buffer = new ArrayBuffer(16);
        return [new Uint8Array(buffer, 4, 2), new DataView(buffer)] as const;
      });
      assertEquals([views[0].buffer === views[1].buffer, views[0].byteOffset], [true, 4]);
    });
  });

  Deno.test(`${where}: a thrown list or record keeps the fields that can cross`, async () => {
    await during(make, async (scheduler) => {
      const record = await failureOf(scheduler.submit(() => {
        throw { message: "out of range", code: 7, toJSON: () => "x", at: [1, { n: 2n }] };
      }));
      assertEquals(record, {
        message: "out of range",
        code: 7,
        toJSON: `()=>"x"`,
        at: [1, { n: 2n }],
      });
      const list = await failureOf(scheduler.submit(() => {
        throw [1, () => 2];
      }));
      assertEquals(list, [1, "()=>2"]);
      const error = await failureOf(scheduler.submit(() => {
        throw new Error("outer", { cause: { code: 1, retry: () => 2 } });
      })) as Error;
      assertEquals(error.cause, { code: 1, retry: "()=>2" });
    });
  });

  Deno.test(`${where}: an unsendable value without fields is thrown as text`, async () => {
    await during(make, async (scheduler) => {
      const thrown = [
        await failureOf(scheduler.submit(() => {
          throw new URL("https://example.org/");
        })),
        await failureOf(scheduler.submit(() => {
          throw new WeakMap();
        })),
        await failureOf(scheduler.submit(() => {
          throw Symbol("s");
        })),
      ];
      assertEquals(thrown, ["https://example.org/", "[object WeakMap]", "Symbol(s)"]);
    });
  });
}

Deno.test("workers: values that only threads accept arrive", async () => {
  await during(() => Scheduler.withWorkers(1, BATCH), async (scheduler) => {
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    const result = await scheduler.submit((value: unknown) => value, {
      key,
      blob: new Blob(["abc"]),
      file: new File(["abc"], "a.txt"),
    }) as { key: CryptoKey; blob: Blob; file: File };
    assertEquals(result.key.algorithm, key.algorithm);
    assertEquals([await result.blob.text(), result.file.name], ["abc", "a.txt"]);
  });
});

Deno.test("workers: streams and ports move, inside lists and records too", async () => {
  await during(() => Scheduler.withWorkers(1, BATCH), async (scheduler) => {
    const { readable, writable } = new TransformStream<string, string>();
    const writer = writable.getWriter();
    const written = writer.write("text").then(() => writer.close());
    const read = scheduler.submit(
      async ({ list }: { list: ReadableStream<string>[] }) => {
        return await Array.fromAsync(list[0] ?? []);
      },
      transfer({ list: [readable] }, [readable]),
    );
    assertEquals(await read, ["text"]);
    await written;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => port1.onmessage = ({ data }) => resolve(data));
    await scheduler.submit(
      (port: MessagePort) => port.postMessage("from a worker"),
      transfer(port2, [port2]),
    );
    assertEquals(await answer, "from a worker");
    port1.close();
  });
});

Deno.test("processes: a transferable that cannot cross is named", async () => {
  await during(() => Scheduler.withProcesses(1, BATCH), async (scheduler) => {
    const stream = new ReadableStream();
    const { port1, port2 } = new MessageChannel();
    const cases: [Transferable, string][] = [
      [stream, "argument 1 is a ReadableStream"],
      [port1, "argument 1 is a MessagePort"],
    ];
    for (const [value, message] of cases) {
      const call = scheduler.submit(far.show, transfer(value as object, [value]));
      assertStringIncludes((await failureOf(call) as Error).message, message);
    }
    port2.close();
  });
});

Deno.test("processes: a CryptoKey is refused, with its remedy", async () => {
  await during(() => Scheduler.withProcesses(1, BATCH), async (scheduler) => {
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    const error = await failureOf(scheduler.submit(far.show, { key })) as Error;
    assertStringIncludes(
      error.message,
      "argument 1, at .key, is a CryptoKey, which cannot cross between processes: " +
        "pass what crypto.subtle.exportKey() returns",
    );
  });
});

for (const [where, make] of executors) {
  Deno.test(`${where}: unusual values are distinguished from refused ones`, async () => {
    await during(make, async (scheduler) => {
      const fakes = [
        Object.create(Map.prototype),
        Object.create(Set.prototype),
        Object.create(DOMException.prototype),
        Object.create(Date.prototype),
      ];
      for (const fake of fakes) {
        const expected = structuredClone([fake]);
        assertEquals(await scheduler.submit((list: unknown[]) => list, [fake]), expected);
      }
      // A Map that iterates over something else is cloned by its entries.
      class Odd extends Map<string, number> {
        override *[Symbol.iterator](): MapIterator<[string, number]> {}
      }
      const map = await scheduler.submit((map: Map<string, number>) => map, new Odd([["a", 1]]));
      assertEquals([...map], [["a", 1]]);
    });
  });
}
