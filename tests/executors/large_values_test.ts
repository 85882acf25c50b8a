/** Values with large buffers as arguments, results, shared values, errors and messages. @module */

import { Comm, fromModule, Scheduler, type WorkerComm, WorkerLostError } from "@amltk/scheduling";
import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { compareLarge, largeValues, makeLarge } from "../fixtures/modules/large_values.ts";

const far = fromModule<typeof import("../fixtures/modules/large_values.ts")>(
  import.meta.resolve("../fixtures/modules/large_values.ts"),
);

const MIB = 2 ** 20;
const names = Object.keys(largeValues);
const same = names.map(() => undefined);
const executors: [where: string, make: (count: number) => Scheduler][] = [
  ["workers", (count) => Scheduler.withWorkers(count, BATCH)],
  ["processes", (count) => Scheduler.withProcesses(count, BATCH)],
];

for (const [where, make] of executors) {
  Deno.test(`${where}: large arguments arrive as structuredClone() returns them`, async () => {
    const scheduler = make(2);
    const submit = (name: string) => scheduler.submit(far.compareLarge, name, makeLarge(name));
    assertEquals(await during(scheduler, () => Promise.all(names.map(submit))), same);
  });

  Deno.test(`${where}: large results arrive as structuredClone() returns them`, async () => {
    const scheduler = make(2);
    const submit = async (name: string) =>
      compareLarge(name, await scheduler.submit(far.makeLarge, name));
    assertEquals(await during(scheduler, () => Promise.all(names.map(submit))), same);
  });

  Deno.test(`${where}: large shared values arrive as structuredClone() returns them`, async () => {
    const scheduler = make(2);
    const allowed = { sharedBuffers: where === "workers" };
    const submit = async (name: string) => {
      using value = scheduler.share({ value: makeLarge(name) });
      return await scheduler.submit(far.compareSharedLarge, name, value, allowed);
    };
    assertEquals(await during(scheduler, () => Promise.all(names.map(submit))), same);
  });

  Deno.test(`${where}: errors arrive with large values`, async () => {
    const scheduler = make(2);
    const thrown = names.filter((name) => !(makeLarge(name) instanceof Error));
    const submit = async (name: string) => {
      const error = await scheduler.submit(far.throwLarge, name).then(() => undefined, (e) => e);
      assertInstanceOf(error, Error);
      return [error.cause, Reflect.get(error, "value")].map((part) => compareLarge(name, part));
    };
    const found = await during(scheduler, () => Promise.all(thrown.map(submit)), {
      onException: "ignore",
    });
    assertEquals(found, thrown.map(() => [undefined, undefined]));
  });

  Deno.test(`${where}: many large values cross among small ones`, async () => {
    const scheduler = make(2);
    const task = scheduler.task((n: number, bytes?: Uint8Array) => [n, bytes] as const);
    const sizes = Array.from({ length: 60 }, (_, n) => n % 3 === 0 ? n * 7_000 + 1 : undefined);
    const results = await during(scheduler, () =>
      Promise.all(sizes.map((size, n) => {
        return task.submit(n, size === undefined ? size : new Uint8Array(size).fill(n));
      })));
    const seen = results.map(([n, bytes]) => [n, bytes?.length, bytes?.at(-1)]);
    assertEquals(seen, sizes.map((size, n) => [n, size, size && n]));
  });

  Deno.test(`${where}: a message is a copy of its large buffer`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: WorkerComm<{ received: Uint8Array }>) => {
      const seen: (number | undefined)[][] = [];
      for await (const bytes of comm) {
        if (seen.push([bytes.length, bytes[0], bytes.at(-1)]) === 3) break;
      }
      return seen;
    }, { plugins: comm });
    task.on("comm-open", (future) => {
      const bytes = new Uint8Array(MIB);
      for (const n of [1, 2, 3]) comm.send(future, bytes.fill(n));
      bytes.fill(0);
    });
    assertEquals(await during(scheduler, () => task.submit()), [1, 2, 3].map((n) => [MIB, n, n]));
  });
}

Deno.test("A call fails whose argument was moved while a process got it", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const size = scheduler.task((bytes: Uint8Array) => [bytes.length, Deno.pid] as const, {
    name: "size",
  });
  await during(scheduler, async () => {
    const [, pid] = await size.submit(new Uint8Array(1));
    const bytes = new Uint8Array(16 * MIB);
    const futures = [size.submit(bytes), size.submit(new Uint8Array(MIB)), size.submit(bytes)];
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const [moved, kept, late] = await Promise.allSettled(futures);
    for (const failed of [moved, late]) {
      assertEquals(failed?.status, "rejected");
      const { reason } = failed as PromiseRejectedResult;
      assertEquals(reason.name, "DataCloneError");
      assertStringIncludes(reason.message, "argument 1 is a Uint8Array that was moved before");
    }
    assertEquals(kept, { status: "fulfilled", value: [MIB, pid] });
  }, { onException: "ignore" });
});

Deno.test("A large argument reaches another process if one is killed meanwhile", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const kill = scheduler.task(() => Deno.kill(Deno.pid, "SIGKILL"));
  const sum = scheduler.task((bytes: Uint8Array) => [bytes.length, bytes.at(-1)]);
  const bytes = new Uint8Array(32 * MIB).fill(3);
  await during(scheduler, async () => {
    const killed = kill.submit();
    const summed = [sum.submit(bytes), sum.submit(bytes)];
    await assertRejects(async () => await killed, WorkerLostError);
    assertEquals(await Promise.all(summed), [[bytes.length, 3], [bytes.length, 3]]);
  }, { onException: [[WorkerLostError, "ignore"]] });
});
