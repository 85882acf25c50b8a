/**
 * Faults of calls that share a worker's batches, or follow in the next one: none takes another with
 * it.
 *
 * @module
 */

import {
  Limits,
  Scheduler,
  WallTimeLimitError,
  WebWorkerExecutor,
  WorkerLostError,
} from "@amltk/scheduling";
import { assertEquals, assertRejects } from "@std/assert";

// As many in a message as there are, whatever their time.
const make = () => new Scheduler(new WebWorkerExecutor(1, { batch: 256 }));
// Ends a run in which a call is lost.
const RUN = { timeout: 10_000, wait: false } as const;

Deno.test("a call whose argument cannot be sent, the first of a worker's batches, takes no other with it", async () => {
  const scheduler = make();
  const first = scheduler.task(() => "first", { plugins: new Limits({ wallTime: 60_000 }) });
  const task = scheduler.task((value: unknown) => typeof value);
  scheduler.onStart(async () => {
    // By itself, for it has a limit: the worker has then had no batch yet.
    await first.submit();
    const [refused, next] = [task.submit(() => 1), task.submit(1)];
    await assertRejects(() => refused, DOMException);
    assertEquals(await next, "number");
  });
  const exit = await scheduler.run({ ...RUN, onException: [[DOMException, "ignore"]] });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
});

Deno.test("a call whose argument cannot be sent, the first of its function, takes no other with it", async () => {
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

Deno.test("a call whose argument cannot be sent fails, though its batch ends the worker", async () => {
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
    plugins: new Limits({ wallTime: 100 }),
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
