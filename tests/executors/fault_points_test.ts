// Every fault at every point of a task, on the executors of this machine.
import type { TaskFunction } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { testFaultPoints } from "../fixtures/cases/fault_points.ts";
import { makers } from "../fixtures/makers.ts";
import { testCase } from "../fixtures/test_case.ts";

const executors = makers(BATCH).losing;

for (const [executor, make] of Object.entries(executors)) {
  testFaultPoints(testCase(executor), make);
}

// --- that what is left is seen at all

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: remains() sees the workers of a run, and none after it`, async () => {
    const scheduler = make(2);
    let during: readonly string[] = [];
    scheduler.onStart(async () => {
      const futures = [1, 2].map(() => scheduler.submit(() => new Promise(() => {})));
      while (futures.some(({ state }) => state !== "running")) await tick();
      during = await remains();
      scheduler.stop();
    });
    await scheduler.run({ wait: false });
    assertEquals([during.length, await remains()], [2, []]);
  });
}

// --- after its end

for (const [executor, make] of Object.entries(executors)) {
  const ends: Readonly<Record<string, TaskFunction>> = {
    "Deno.exit()": () => void setTimeout(() => Deno.exit(3), 20),
    "process.exit()": async () => {
      const { exit } = await import("node:process");
      setTimeout(() => exit(3), 20);
    },
    "self.close()": () => void setTimeout(() => self.close(), 20),
  };
  for (const [how, fn] of Object.entries(ends)) {
    Deno.test(`${executor}: an idle worker that ended by ${how} is replaced`, async () => {
      const scheduler = make(1);
      scheduler.onStart(async () => {
        await scheduler.submit(fn);
        while ((await remains()).length > 0) await tick();
        assertEquals(await scheduler.submit(() => "next"), "next");
      });
      assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
      assertEquals(await remains(), []);
    });
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
