/** Arguments that fill the memory of the process that reads them. @module */

import { type Future, Scheduler, WorkerLostError } from "@amltk/scheduling";
import { assertEquals, assertInstanceOf } from "@std/assert";

Deno.test("processes: an argument above the memory cap is undeliverable", async () => {
  const scheduler = Scheduler.withProcesses(1, { memory: "64 MiB" });
  const size = scheduler.task((bytes: Uint8Array) => bytes.length, { name: "size" });
  const futures: Future<number>[] = [];
  scheduler.onStart(() => {
    futures.push(size.submit(new Uint8Array(100 * 2 ** 20)), size.submit(new Uint8Array(3)));
  });
  await scheduler.run({ onException: "ignore" });
  const [large, small] = futures;
  assertInstanceOf(large?.exception, WorkerLostError);
  assertEquals([large.exception.reason, small?.result], ["undeliverable", 3]);
});

Deno.test("processes: only its own failed deliveries fail an overtaken call", async () => {
  const scheduler = Scheduler.withProcesses(1, { memory: "64 MiB" });
  const size = scheduler.task((bytes: Uint8Array) => bytes.length, { name: "size" });
  const urgent = size.with({ priority: 1 });
  let large: Future | undefined;
  const small: Future[] = [];
  scheduler.onStart(async () => {
    large = size.submit(new Uint8Array(100 * 2 ** 20));
    small.push(size.submit(new Uint8Array(1)));
    while (!large.done) {
      const next = urgent.submit(new Uint8Array(2));
      small.push(next);
      await next;
    }
  });
  await scheduler.run({ onException: "ignore" });
  assertInstanceOf(large?.exception, WorkerLostError);
  assertEquals(large.exception.reason, "undeliverable");
  assertEquals(small.map(({ result }) => result), [1, ...small.slice(1).map(() => 2)]);
});
