/** Executors and scheduler release what they no longer need. */

import { Scheduler } from "@amltk/scheduling";
import { assertEquals, assertLess } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { bytesInUse } from "../fixtures/bytes_in_use.ts";

const MAKERS: Readonly<Record<string, () => Scheduler>> = {
  sequential: () => Scheduler.withSequential(),
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
};

const LOSING = Object.entries(MAKERS).filter(([name]) => name !== "sequential");

/** Collects garbage until `done` holds; finalizers run in later turns. */
async function collectUntil(done: () => boolean): Promise<void> {
  while (!done()) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: a cancelled call behind a busy worker is released`, async () => {
    const scheduler = make();
    const endless = scheduler.task(() => new Promise(() => {}));
    const size = scheduler.task((bytes: Uint8Array) => bytes.length);
    let collected = 0;
    // Not deref(), which would keep its target alive.
    const registry = new FinalizationRegistry(() => collected++);
    const submitAndCancel = () => {
      const future = size.submit(new Uint8Array(1000));
      registry.register(future, undefined);
      registry.register(future.args[0], undefined);
      future.cancel();
    };
    scheduler.onStart(async () => {
      const busy = endless.submit();
      const waiting = size.submit(new Uint8Array(1));
      for (let n = 0; n < 30; n++) submitAndCancel();
      // CPU registers may still hold the last one.
      await collectUntil(() => collected >= 58);
      busy.cancel();
      assertEquals(await waiting, 1);
    });
    await scheduler.run({ onException: "raise" });
    assertEquals(size.eventCounts.cancelled, 30);
  });
}

for (const [name, make] of LOSING) {
  Deno.test(`${name}: a run leaves nothing of its workers and messages`, async () => {
    const scheduler = make();
    const work = scheduler.task((size: number) => new Uint8Array(size));
    scheduler.onStart(() => {
      work.submit(1_000_000);
    });
    const run = async (count: number) => {
      for (let n = 0; n < count; n++) await scheduler.run();
      return await bytesInUse();
    };
    const before = await run(3);
    const after = await run(5);
    // A worker that is not released would keep its last message and so the result.
    assertLess(after - before, 2_500_000);
  });
}
