// Values with large buffers, on the executors of this machine.
import { Scheduler, WorkerLostError } from "@amltk/scheduling";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { testLargeValues } from "../fixtures/cases/large_values.ts";
import { during } from "../fixtures/during.ts";
import { makers } from "../fixtures/makers.ts";
import { testCase } from "../fixtures/test_case.ts";

const MIB = 2 ** 20;

for (const [executor, make] of Object.entries(makers(BATCH).losing)) {
  testLargeValues(testCase(executor), make, executor === "workers");
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
