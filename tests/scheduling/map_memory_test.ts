// That Task.map() needs no more memory for a longer input, or for a reader that is slow.
import { Scheduler } from "@amltk/scheduling";
import { assertEquals, assertLess } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

// A message for each call would take too long for a million.
const COUNT = BATCH.batch === 1 ? 100_000 : 1_000_000;
// A future alone takes some hundred bytes: a million of anything would be far above.
const BOUND = 8_000_000;

const executors: Readonly<Record<string, () => Scheduler>> = {
  sequential: () => Scheduler.withSequential(),
  workers: () => Scheduler.withWorkers(2, BATCH),
};

/** How many bytes are in use when all garbage is collected. */
async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve));
  }
  return Deno.memoryUsage().heapUsed;
}

async function* numbersBelow(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) yield n;
  await undefined;
}

function* endless(): Generator<number> {
  for (let n = 0;; n++) yield n;
}

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: Task.map() over a million items has a flat heap`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n + 1);
    let sum = 0;
    let before = NaN;
    let after = NaN;
    scheduler.onStart(async () => {
      for await (const n of task.map(numbersBelow(COUNT))) {
        sum += n;
        if (n === COUNT / 10) before = await heapUsed();
        if (n === COUNT) after = await heapUsed();
      }
    });
    await scheduler.run();
    assertEquals(sum, COUNT * (COUNT + 1) / 2);
    assertLess(after - before, BOUND);
  });

  Deno.test(`${executor}: Task.map() over an endless input has a flat heap`, async () => {
    const scheduler = make();
    const blank = scheduler.task((size: number) => new Uint8Array(size));
    let before = NaN;
    let after = NaN;
    scheduler.onStart(async () => {
      let count = 0;
      for await (const _bytes of blank.map(endless(), { args: () => [10_000], ordered: false })) {
        count++;
        if (count === 2_000) before = await heapUsed() + Deno.memoryUsage().external;
        if (count < 20_000) continue;
        after = await heapUsed() + Deno.memoryUsage().external;
        break;
      }
    });
    await scheduler.run();
    // So many results at most wait for the reader, each of 10,000 bytes.
    assertLess(after - before, BOUND + 1024 * 10_000);
  });
}
