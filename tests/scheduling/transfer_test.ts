import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { type Call, fromModule, Scheduler, transfer } from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";

type Work = typeof import("../fixtures/modules/moves.ts");

const work = fromModule<Work>(import.meta.resolve("../fixtures/modules/moves.ts"));

/** Runs `body` as the callback of `start`, with a worker. */
async function withWorker(body: (scheduler: Scheduler) => Promise<void>): Promise<void> {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  scheduler.onStart(() => body(scheduler));
  await scheduler.run();
}

function sum(...arrays: Float64Array[]): number {
  return arrays.flatMap((array) => [...array]).reduce((a, b) => a + b, 0);
}

Deno.test("transfer() returns the value as it is", () => {
  const value = { buffer: new ArrayBuffer(8) };
  assertStrictEquals(transfer(value, [value.buffer]), value);
  assertEquals(value, { buffer: new ArrayBuffer(8) });
});

Deno.test("transfer() refuses wrong values and lists, and shows them", () => {
  for (const value of [5, "text", null, undefined]) {
    assertThrows(() => transfer(value as never, []), TypeError, `not ${JSON.stringify(value)}`);
  }
  const buffer = new ArrayBuffer(8);
  assertThrows(() => transfer(buffer, buffer as never), TypeError, "not an object of ArrayBuffer");
  assertThrows(() => transfer(buffer, undefined as never), TypeError, "not undefined");
});

/** What moves with each call that is submitted by `body`. */
async function transfersOf(body: (scheduler: Scheduler) => void): Promise<unknown[]> {
  const transfers: unknown[] = [];
  const scheduler = new Scheduler({
    name: "Recorder",
    workerCount: 1,
    submit(call: Call) {
      transfers.push(call.transfer);
      call.succeed(undefined);
    },
    cancel() {},
    shutdown: () => Promise.resolve({ runaways: 0 }),
  });
  scheduler.onStart(() => body(scheduler));
  await scheduler.run();
  return transfers;
}

Deno.test("transfer() marks values one by one; a second mark replaces the first", async () => {
  const [a, b, c] = [new ArrayBuffer(1), new ArrayBuffer(2), new ArrayBuffer(3)];
  const work = (..._values: unknown[]) => {};
  const first = transfer({ a }, [a]);
  const second = transfer({ b, c }, [b, c]);
  const transfers = await transfersOf((scheduler) => {
    scheduler.submit(work, first, 5, null, undefined, "x", {}, second);
    scheduler.submit(work, { a }, [first]);
    scheduler.task(work).with({ transfer: [c] }).submit(first);
    scheduler.submit(work, transfer(first, []));
  });
  assertEquals(transfers, [[a, b, c], [], [c, a], []]);
});

Deno.test("Task.submit() moves the objects marked by transfer(), copies others", async () => {
  await withWorker(async (scheduler) => {
    const task = scheduler.task(sum);
    const moved = new Float64Array([1, 2, 3]);
    const copied = new Float64Array([4, 5]);
    assertEquals(await task.submit(transfer(moved, [moved.buffer]), copied), 15);
    assertEquals([moved.length, copied.length], [0, 2]);
  });
});

Deno.test("Task.submit() moves marked objects deep inside an argument", async () => {
  await withWorker(async (scheduler) => {
    const numbers = new Float64Array([1, 2, 3]);
    const argument = { deep: [{ numbers }] };
    const task = scheduler.task(({ deep }: typeof argument) => deep[0]?.numbers.length);
    assertEquals(await task.submit(transfer(argument, [numbers.buffer])), 3);
    assertEquals(numbers.length, 0);
  });
});

Deno.test("Task.submit() takes two views of one buffer, both marked", async () => {
  await withWorker(async (scheduler) => {
    const task = scheduler.task(sum);
    const { buffer } = new Float64Array([1, 2, 3, 4]);
    const [left, right] = [new Float64Array(buffer, 0, 2), new Float64Array(buffer, 16, 2)];
    assertEquals(await task.submit(transfer(left, [buffer]), transfer(right, [buffer])), 10);
    assertEquals([left.length, right.length], [0, 0]);
  });
});

Deno.test("Task.with({ transfer }) moves listed objects, even marked ones", async () => {
  await withWorker(async (scheduler) => {
    const task = scheduler.task(sum);
    const listed = new Float64Array([1, 2]);
    const both = new Float64Array([3, 4]);
    const list = [listed.buffer, both.buffer];
    const future = task.with({ transfer: list }).submit(listed, transfer(both, [both.buffer]));
    assertEquals(await future, 10);
    assertEquals([listed.length, both.length, list.length], [0, 0, 2]);
  });
});

Deno.test("Task.with() refuses a transfer list that is no array", () => {
  const task = Scheduler.withSequential().task(sum);
  const buffer = new ArrayBuffer(8);
  const options = { transfer: buffer } as never;
  assertThrows(() => task.with(options), TypeError, "transfer must be an array");
});

Deno.test("transfer() and Task.with() refuse typed arrays", () => {
  const task = Scheduler.withSequential().task(sum);
  const numbers = new Float64Array(1);
  const list = [numbers as unknown as Transferable];
  const remedy = "must name the buffer, not an object of Float64Array over it: pass its .buffer";
  assertThrows(() => transfer(numbers, list), TypeError, remedy);
  assertThrows(() => task.with({ transfer: list }), TypeError, remedy);
});

Deno.test("Scheduler.submit() moves objects marked by transfer()", async () => {
  await withWorker(async (scheduler) => {
    const numbers = new Float64Array([1, 2, 3]);
    assertEquals(await scheduler.submit(sum, transfer(numbers, [numbers.buffer])), 6);
    assertEquals(numbers.length, 0);
  });
});

Deno.test("transfer() moves a port", async () => {
  await withWorker(async (scheduler) => {
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => port1.onmessage = ({ data }) => resolve(data));
    const task = scheduler.task(({ port }: { port: MessagePort }) => port.postMessage("hello"));
    task.submit(transfer({ port: port2 }, [port2]));
    assertEquals(await answered, "hello");
    port1.close();
  });
});

Deno.test("transfer() in a module moves its result out of the worker", async () => {
  await withWorker(async (scheduler) => {
    const numbers = await scheduler.submit(work.makeNumbers, 4);
    assertInstanceOf(numbers, Float64Array);
    assertEquals([...numbers], [1, 1, 1, 1]);
    assertEquals(await scheduler.submit(work.lastLength), 0);
  });
});

Deno.test("A SharedArrayBuffer is shared without a mark", async () => {
  await withWorker(async (scheduler) => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const task = scheduler.task((numbers: Int32Array) => {
      Atomics.store(numbers, 1, 42);
    });
    await task.submit(shared);
    assertEquals([...shared], [0, 42]);
  });
});

Deno.test("Scheduler.withSequential() moves nothing", async () => {
  const scheduler = Scheduler.withSequential();
  const numbers = new Float64Array([1, 2, 3]);
  const results: unknown[] = [];
  scheduler.onFutureResult((_future, result: unknown) => results.push(result));
  scheduler.onStart(() => {
    scheduler.submit((array: Float64Array) => array, transfer(numbers, [numbers.buffer]));
  });
  await scheduler.run();
  assertEquals(results.length, 1);
  assertStrictEquals(results[0], numbers);
  assertEquals(numbers.length, 3);
});
