import { fromModule, Scheduler, transfer, WebWorkerExecutor } from "@amltk/scheduling";
import { assertEquals, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

const work = fromModule<typeof import("../fixtures/modules/work.ts")>(
  import.meta.resolve("../fixtures/modules/work.ts"),
);
const moves = fromModule<typeof import("../fixtures/modules/moves.ts")>(
  import.meta.resolve("../fixtures/modules/moves.ts"),
);

/** Runs `body` as the `start` callback of a scheduler with `count` workers. */
async function during(
  workerCount: number,
  body: (scheduler: Scheduler) => Promise<void>,
): Promise<void> {
  const scheduler = Scheduler.withWorkers(workerCount, BATCH);
  scheduler.onStart(() => body(scheduler));
  assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
}

Deno.test("WebWorkerExecutor refuses bad counts and options", () => {
  const options: Record<string, unknown> = { workers: 1 };
  assertThrows(() => new WebWorkerExecutor(0), RangeError, "must be a positive integer, not 0");
  assertThrows(() => new WebWorkerExecutor(1.5), RangeError, "not 1.5");
  assertThrows(() => new WebWorkerExecutor(1, { maxRunaways: 0 }), RangeError, "maxRunaways");
  assertThrows(() => new WebWorkerExecutor(Infinity), RangeError, "not Infinity");
  assertThrows(() => new WebWorkerExecutor("2" as never), TypeError, 'must be a number, not "2"');
  assertThrows(() => new WebWorkerExecutor(1, options), TypeError, 'no option "workers"');
  assertThrows(
    () => new WebWorkerExecutor(1, { memory: "1 GB" } as never),
    TypeError,
    'no option "memory" (Scheduler.withProcesses() has it)',
  );
  assertThrows(() => new WebWorkerExecutor({} as never), TypeError, "workers, the first argument,");
  assertThrows(
    () => Scheduler.withWorkers({ batch: 1, name: "w" } as never),
    TypeError,
    "must be a number, not an object of Object: options come second, as in (4, { batch: …, name: … })",
  );
  assertThrows(() => new WebWorkerExecutor(1, { name: 1 as never }), TypeError, "name must be");
  assertThrows(() => new WebWorkerExecutor(1, { startTimeout: -1 }), RangeError, "startTimeout");
  assertEquals(new WebWorkerExecutor().workerCount, navigator.hardwareConcurrency);
});

Deno.test("WebWorkerExecutor refuses a function that cannot cross, at task() and at submit()", async () => {
  class Model {}
  const refused: [unknown, string][] = [
    [Math.max, "it is native code"],
    [(() => 1).bind(null), "it is a bound function"],
    [Model, "it is a class"],
    [function* () {}, "it is a generator function"],
  ];
  await during(1, (scheduler) => {
    for (const [fn, reason] of refused) {
      assertThrows(() => scheduler.task(fn as () => void), TypeError, reason);
      assertThrows(() => scheduler.submit(fn as () => void), TypeError, reason);
    }
    return Promise.resolve();
  });
});

Deno.test("a worker starts on demand, is reused, and has a name", async () => {
  const scheduler = new Scheduler(new WebWorkerExecutor(4, { ...BATCH, name: "trainer" }));
  const task = scheduler.task(() => {
    const scope = globalThis as unknown as { name: string; calls?: number };
    scope.calls = (scope.calls ?? 0) + 1;
    return [scope.name, scope.calls];
  });
  const seen: unknown[] = [];
  scheduler.onStart(() => {
    task.submit();
  });
  task.onResult((_future, result) => {
    seen.push(result);
    if (seen.length % 3 !== 0) task.submit();
  });
  await scheduler.run();
  await scheduler.run();
  assertEquals(seen, [
    ["trainer-1", 1],
    ["trainer-1", 2],
    ["trainer-1", 3],
    ["trainer-2", 1],
    ["trainer-2", 2],
    ["trainer-2", 3],
  ]);
});

Deno.test("a function crosses once, even if made anew for each submission", async () => {
  const sent: string[] = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, options) {
    const { type, source } = message["@amltk/scheduling"] ?? {};
    if (type === "function") sent.push(source.name);
    postMessage.call(this, message, options as never);
  };
  try {
    await during(1, async (scheduler) => {
      for (let n = 0; n < 3; n++) {
        const double = (x: number) => x * 2;
        assertEquals(await scheduler.submit(double, n), n * 2);
      }
      assertEquals(await scheduler.submit(work.scale, 2), 4);
      assertEquals(await scheduler.submit(work.scale, 3), 6);
    });
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
  assertEquals(sent, ["double", "scale"]);
});

Deno.test("a worker imports the module of a function once", async () => {
  await during(1, async (scheduler) => {
    assertEquals(await scheduler.submit(work.scale, 21), 42);
    const calls = [1, 2, 3].map(() => scheduler.submit(work.countCalls));
    assertEquals(await Promise.all(calls), [1, 2, 3]);
  });
});

Deno.test("transfer() moves an argument, and so does with({ transfer })", async () => {
  await during(1, async (scheduler) => {
    const length = scheduler.task((numbers: Float64Array) => numbers.length);
    const [marked, listed, copied] = [1, 2, 3].map((size) => new Float64Array(size));
    if (!marked || !listed || !copied) return;
    assertEquals(await length.submit(transfer(marked, [marked.buffer])), 1);
    assertEquals(await length.with({ transfer: [listed.buffer] }).submit(listed), 2);
    assertEquals(await length.submit(copied), 3);
    assertEquals([marked, listed, copied].map((numbers) => numbers.length), [0, 0, 3]);
  });
});

Deno.test("transfer() in a module moves a result", async () => {
  await during(1, async (scheduler) => {
    assertEquals(await scheduler.submit(moves.makeNumbers, 5), new Float64Array(5).fill(1));
    assertEquals(await scheduler.submit(moves.lastLength), 0);
  });
});

Deno.test("a SharedArrayBuffer is shared with every worker", async () => {
  await during(2, async (scheduler) => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const add = scheduler.task((numbers: Int32Array) => Atomics.add(numbers, 0, 1));
    await Promise.all(Array.from({ length: 10 }, () => add.submit(counter)));
    assertEquals(counter[0], 10);
  });
});

Deno.test("arguments are copied when a worker takes the call", async () => {
  await during(1, async (scheduler) => {
    const record = { n: 1 };
    const future = scheduler.submit((value: { n: number }) => value.n, record);
    record.n = 2;
    assertEquals(await future, 2);
  });
});

Deno.test("every kind of plain function crosses", async () => {
  const methods = {
    method(n: number) {
      return n + 1;
    },
    async later(n: number) {
      return await Promise.resolve(n + 2);
    },
    get getter() {
      return 3;
    },
    ["comp" + "uted"](n: number) {
      return n + 4;
    },
  };
  const getter = Object.getOwnPropertyDescriptor(methods, "getter")?.get;
  const factorial = (n: number): number => n <= 1 ? 1 : n * factorial(n - 1);
  const functions: [(...args: number[]) => unknown, unknown][] = [
    [methods.method, 2],
    [methods.later, 3],
    [getter as () => number, 3],
    [methods.computed as () => number, 5],
    [factorial, 1],
    [(n = 7, ...rest) => n + rest.length, 1],
    [function countDown(n = 0): number {
      return n === 0 ? 0 : countDown(n - 1);
    }, 0],
    [async (n) => await n, 1],
    [async () => (await import("node:path")).basename("/a/b"), "b"],
  ];
  await during(1, async (scheduler) => {
    for (const [fn, expected] of functions) assertEquals(await scheduler.submit(fn, 1), expected);
  });
});
