/** A worker that is lost leaves nothing in memory. */

import { Scheduler, WorkerLostError } from "@amltk/scheduling";
import { assertEquals, assertLess } from "@std/assert";
import { bytesInUse } from "../fixtures/bytes_in_use.ts";

const LOSSES = 8;
// What would be kept of one process with its pipes takes more than 30 KB.
const MOST_BYTES = 20_000;

for (
  const [name, make] of [
    ["workers", () => Scheduler.withWorkers(1)],
    ["processes", () => Scheduler.withProcesses(1)],
  ] as const
) {
  Deno.test(`${name}: a lost worker is released`, async () => {
    const scheduler = make();
    const exit = scheduler.task(() => Deno.exit(1));
    const loseSome = async () => {
      for (let n = 0; n < LOSSES; n++) await exit.submit().catch(() => {});
      return await bytesInUse();
    };
    scheduler.onStart(async () => {
      // The first ones fill caches of the engine.
      await loseSome();
      const before = await loseSome();
      assertLess(await loseSome() - before, LOSSES * MOST_BYTES);
    });
    const { code } = await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
    assertEquals(code, "exhausted");
  });
}
