/** That executors and scheduler let go of what is not needed any more. */

import { Scheduler } from "@amltk/scheduling";
import { assertEquals, assertLess } from "@std/assert";

const MAKERS: Readonly<Record<string, () => Scheduler>> = {
  sequential: () => Scheduler.withSequential(),
  workers: () => Scheduler.withWorkers(1),
  processes: () => Scheduler.withProcesses(1),
};

/** Collects garbage until `done` holds; finalizers and weak references need several turns. */
async function collectUntil(done: () => boolean): Promise<void> {
  while (!done()) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** How many bytes are in use when all garbage is collected. */
async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Deno.memoryUsage().heapUsed;
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: a cancelled call behind a busy worker is let go`, async () => {
    const scheduler = make();
    const nap = scheduler.task((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));
    const size = scheduler.task((bytes: Uint8Array) => bytes.length);
    const cancelled: WeakRef<object>[] = [];
    scheduler.onStart(async () => {
      const busy = nap.submit(60_000);
      const waiting = size.submit(new Uint8Array(1));
      for (let n = 0; n < 30; n++) {
        const future = size.submit(new Uint8Array(1000));
        cancelled.push(new WeakRef(future), new WeakRef(future.args[0]));
        future.cancel();
      }
      await collectUntil(() => cancelled.every((each) => each.deref() === undefined));
      busy.cancel();
      assertEquals(await waiting, 1);
    });
    await scheduler.run({ onException: "raise" });
    assertEquals(size.eventCounts.cancelled, 30);
  });
}

for (
  const [name, make] of Object.entries({ workers: MAKERS.workers, processes: MAKERS.processes })
) {
  Deno.test(`${name}: a run leaves nothing of its workers and messages`, async () => {
    const scheduler = make?.() ?? Scheduler.withSequential();
    const work = scheduler.task((size: number) => new Uint8Array(size));
    scheduler.onStart(() => {
      work.submit(1_000_000);
    });
    const run = async (count: number) => {
      for (let n = 0; n < count; n++) await scheduler.run();
      return await heapUsed() + Deno.memoryUsage().external;
    };
    const before = await run(3);
    const after = await run(5);
    // Each worker that is kept has its last message, and so the result.
    assertLess(after - before, 2_500_000);
  });
}
