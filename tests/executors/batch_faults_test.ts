/**
 * Faults of calls in one batch, or in batches that follow each other. No call fails with another.
 *
 * @module
 */

import {
  type Call,
  type Future,
  ProcessExecutor,
  ResourceLimits,
  Scheduler,
  WallTimeLimitError,
  WebWorkerExecutor,
  WorkerLostError,
} from "@amltk/scheduling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { SentBatch } from "../../executors/_calls/batch.ts";
import { StreamTransport } from "../../executors/_calls/stream_transport.ts";
import { MemoryProgress } from "../../executors/_progress/in_shared_memory.ts";
import type { ErrorRecord } from "../../executors/_wire/error_record.ts";
import { fromErrorRecord } from "../../executors/_wire/error_revival.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { untilIdle } from "../fixtures/until_idle.ts";

// Any number of calls in a message, whatever their duration.
const make = () => new Scheduler(new WebWorkerExecutor(1, { batch: 256 }));
// Ends a run in which a call is lost.
const RUN = { timeout: 60_000, wait: false } as const;

// Starts a worker, so that the next call is sent at once.
async function prepare(scheduler: Scheduler): Promise<void> {
  await scheduler.submit(() => {});
  await untilIdle(scheduler);
}

// Blocks this thread until the call has announced its start.
function blockUntilStarted(started: Int32Array): void {
  assertNotEquals(Atomics.wait(started, 0, 0, 60_000), "timed-out", "the call did not start");
}

Deno.test("an unsendable first call of a worker fails alone", async () => {
  const scheduler = make();
  const first = scheduler.task(() => "first", {
    plugins: new ResourceLimits({ wallTime: 60_000 }),
  });
  const task = scheduler.task((value: unknown) => typeof value);
  scheduler.onStart(async () => {
    // Sent alone, because it has a limit: the worker has had no batch before.
    await first.submit();
    const [refused, next] = [task.submit(() => 1), task.submit(1)];
    await assertRejects(() => refused, DOMException);
    assertEquals(await next, "number");
  });
  const exit = await scheduler.run({ ...RUN, onException: [[DOMException, "ignore"]] });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
});

Deno.test("an unsendable first call of a function fails alone", async () => {
  const scheduler = make();
  const task = scheduler.task((value: unknown) => typeof value);
  scheduler.onStart(async () => {
    await scheduler.submit(() => "opens the lanes");
    const [refused, next] = [task.submit(() => 1), task.submit(1)];
    await assertRejects(() => refused, DOMException);
    assertEquals(await next, "number");
  });
  const exit = await scheduler.run({ ...RUN, onException: [[DOMException, "ignore"]] });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
});

Deno.test("an unsendable call fails though its batch ends the worker", async () => {
  const scheduler = make();
  const exit = scheduler.task(() => Deno.exit(3));
  const task = scheduler.task((value: unknown) => typeof value);
  scheduler.onStart(async () => {
    const [lost, refused] = [exit.submit(), task.submit(() => 1)];
    await assertRejects(() => lost, WorkerLostError);
    await assertRejects(() => refused, DOMException);
    assertEquals(await task.submit(1), "number");
  });
  const onException = [[WorkerLostError, "ignore"], [DOMException, "ignore"]] as const;
  const { code } = await scheduler.run({ ...RUN, onException });
  assertEquals(code, "exhausted");
});

Deno.test("a call with a limit has its worker for itself", async () => {
  const scheduler = make();
  const quick = scheduler.task((n: number) => n);
  const limited = scheduler.task(() => new Promise(() => {}), {
    plugins: new ResourceLimits({ wallTime: 100 }),
  });
  const slow = scheduler.task(() => new Promise((resolve) => setTimeout(resolve, 300, "slow")));
  scheduler.onStart(async () => {
    await Promise.all([quick.submit(1), quick.submit(2)]);
    const [stuck, neighbour] = [limited.submit(), slow.submit()];
    await assertRejects(() => stuck, WallTimeLimitError);
    assertEquals(await neighbour, "slow");
  });
  const { code } = await scheduler.run({ ...RUN, onException: [[WallTimeLimitError, "ignore"]] });
  assertEquals(code, "exhausted");
});

Deno.test("an exit or error that a call leaves behind fails no other", async () => {
  const scheduler = make();
  const leaves = scheduler.task((what: string) => {
    // Fires after the next call has started, unless a turn of the event loop comes first.
    let soon = Promise.resolve();
    for (let hop = 0; hop < 5; hop++) soon = soon.then(() => {});
    soon.then(() => what === "close" ? self.close() : Promise.reject(new Error("left behind")));
    return what;
  });
  const waits = scheduler.task(async (n: number) => {
    for (let hop = 0; hop < 20; hop++) await undefined;
    return n;
  });
  scheduler.onStart(async () => {
    // Sent alone, so that the worker notes that the function returns promises.
    await waits.submit(0);
    for (const what of ["close", "error"]) {
      const calls = [leaves.submit(what), waits.submit(1), leaves.submit(what), waits.submit(2)];
      assertEquals(await Promise.all(calls), [what, 1, what, 2]);
    }
  });
  assertEquals((await scheduler.run(RUN)).code, "exhausted");
});

Deno.test("a call that cannot be sent fails in its turn", async () => {
  const scheduler = make();
  const task = scheduler.task((n: number, _more?: unknown) => n);
  const seen: string[] = [];
  task.onResult((_future, n) => seen.push(`result ${n}`));
  task.onException((_future, error) => seen.push((error as Error).name));
  scheduler.onStart(() => {
    task.submit(0);
  });
  // Calls that a callback submits cross together.
  task.onResult(() => {
    for (const n of [1, 2, 3, 4, 5]) task.submit(n, n % 2 === 0 ? () => {} : undefined);
  }, { limit: 1 });
  await scheduler.run({ ...RUN, onException: [[DOMException, "ignore"]] });
  const refused = "DataCloneError";
  assertEquals(seen, ["result 0", "result 1", refused, "result 3", refused, "result 5"]);
});

Deno.test("an unsendable shared value fails only calls that take it", async () => {
  const scheduler = make();
  const inner = Object.assign(Object.create(null), { numbers: new Float64Array(2) });
  const data = scheduler.share({ inner });
  const first = scheduler.task((record: { n: number }, _data?: unknown) => record.n);
  scheduler.onStart(async () => {
    await first.submit({ n: 0 });
    structuredClone(0, { transfer: [data.inner.numbers.buffer] });
    const refused = [first.submit({ n: 1 }, data), first.submit({ n: 2 }, data)];
    const others = [first.submit({ n: 3 }), first.submit({ n: 4 })];
    for (const future of refused) await assertRejects(() => future, DOMException, "moved before");
    assertEquals(await Promise.all(others), [3, 4]);
  });
  await scheduler.run({ ...RUN, onException: [[DOMException, "ignore"]] });
});

for (const executor of [new WebWorkerExecutor(1, BATCH), new ProcessExecutor(1, BATCH)]) {
  Deno.test(`${executor.name}: an argument from a shared value is a copy`, async () => {
    const scheduler = new Scheduler(executor);
    const data = scheduler.share({ list: [1, 2, 3] });
    const empty = scheduler.task(({ list }: { list: number[] }, other: number[]) => {
      other.length = 0;
      return list.length;
    });
    scheduler.onStart(async () => {
      assertEquals(await empty.submit(data, data.list), 3);
      assertEquals(await empty.submit(data, data.list), 3);
    });
    await scheduler.run(RUN);
  });
}

Deno.test("a task that replaces the clock has its result", async () => {
  const scheduler = make();
  scheduler.onStart(async () => {
    const broken = scheduler.submit(() => {
      performance.now = () => {
        throw new Error("no clock");
      };
      return 1;
    });
    assertEquals([await broken, await scheduler.submit(() => 2)], [1, 2]);
  });
  await scheduler.run(RUN);
});

Deno.test("a task that breaks its ports has its result", async () => {
  const scheduler = make();
  scheduler.onStart(async () => {
    const silent = scheduler.submit(() => {
      MessagePort.prototype.postMessage = () => {};
      return "text";
    });
    assertEquals([await silent, await scheduler.submit(() => 2)], ["text", 2]);
  });
  await scheduler.run(RUN);
});

Deno.test("SentBatch.collect() loses a call whose outcome is missing", () => {
  const progress = new MemoryProgress(() => undefined);
  const batch = new SentBatch(progress);
  batch.load([{ name: "silent", transfer: [] } as unknown as Call], [], 0);
  const index = progress.memory.claim();
  progress.memory.markSent(index);
  progress.memory.end(index, 0);
  const [settled] = batch.collect(() => {});
  const { ok, error } = settled?.outcome as { ok: boolean; error: ErrorRecord };
  assertEquals(ok, false);
  const lost = fromErrorRecord(error);
  assertInstanceOf(lost, WorkerLostError);
  assertStringIncludes(lost.message, "did not deliver the outcome");
});

Deno.test("SentBatch has more patience for calls that were stuck", () => {
  const batch = new SentBatch(new MemoryProgress(() => undefined));
  const call = { name: "large", transfer: [] } as unknown as Call;
  const patienceAfter = (age: number) => {
    batch.load([call], [], performance.now() - age);
    assertEquals(batch.takeBackPending(), [call]);
    batch.load([call], [], performance.now());
    return batch.patience;
  };
  // Another call was cancelled: that says nothing of this one.
  assertEquals(patienceAfter(-60_000), 100);
  assertEquals([150, -60_000, 900].map(patienceAfter), [800, 800, 6400]);
});

Deno.test("StreamTransport waits for no answer of a worker that was given up", async () => {
  const route = { file: undefined, nextMessage: () => 1, sendFrames() {}, capturesOutput: false };
  const transport = new StreamTransport(route, () => {});
  const halted = transport.halt();
  assertEquals(transport.isWaiting, true);
  transport.close();
  await halted;
  // Otherwise each late report of the worker would set a timer.
  assertEquals([transport.isWaiting, transport.halt()], [false, undefined]);
});

for (const limited of [false, true]) {
  const what = limited ? "with a limit" : "without limits";
  Deno.test(`a call ${what} whose start is unreported still ends with the run`, async () => {
    const scheduler = make();
    const started = new Int32Array(new SharedArrayBuffer(4));
    const task = scheduler.task((started: Int32Array) => {
      Atomics.store(started, 0, 1);
      Atomics.notify(started, 0);
      return "ran";
    }, { plugins: limited ? new ResourceLimits({ wallTime: 60_000 }) : [] });
    let future: Future<string> | undefined;
    scheduler.onStart(async () => {
      await prepare(scheduler);
      future = task.submit(started);
      blockUntilStarted(started);
      scheduler.stop();
    });
    await scheduler.run();
    assertEquals([future?.state, future?.result], ["done", "ran"]);
  });
}

Deno.test("a call cancelled after its start has a start time", async () => {
  const scheduler = make();
  const started = new Int32Array(new SharedArrayBuffer(4));
  scheduler.onStart(async () => {
    await prepare(scheduler);
    const future = scheduler.submit((started: Int32Array) => {
      Atomics.store(started, 0, 1);
      Atomics.notify(started, 0);
    }, started);
    blockUntilStarted(started);
    assertEquals(future.cancel(), true);
    assert((future.startedAt ?? 0) >= future.submittedAt);
  });
  await scheduler.run(RUN);
});
