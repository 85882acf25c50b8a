/** The order in which calls start, whatever happens to their workers. @module */

import { type Future, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import fc from "fast-check";

type Action = "nap" | "spin" | "end worker" | "cancel" | "nothing";

interface Step {
  readonly action: Action;
  readonly ms: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom<Action>("nap", "spin", "nothing", "nothing", "cancel", "end worker"),
  ms: fc.integer({ min: 0, max: 8 }),
});

async function act(action: Action, ms: number): Promise<void> {
  const end = performance.now() + ms;
  if (action === "spin") { while (performance.now() < end); }
  if (action === "nap") await new Promise((resolve) => setTimeout(resolve, ms));
  if (action === "end worker") Deno.exit(1);
}

/** For each call, how many earlier calls were still pending when it started, if they started at all. */
async function overtaken(
  steps: readonly Step[],
  workers: number,
  batch: number,
): Promise<{ overtaken: number[]; settled: number }> {
  const scheduler = Scheduler.withWorkers(workers, { batch });
  const task = scheduler.task(act);
  const futures: Future[] = [];
  scheduler.onStart(async () => {
    // The durations of both functions are known before the other calls are submitted.
    for (let n = 0; n < 20; n++) await task.submit("nothing", 0);
    for (const { action, ms } of steps) {
      const future = task.submit(action, ms);
      futures.push(future);
      if (action === "cancel") future.cancel();
    }
  });
  await scheduler.run({ onException: "ignore" });
  const starts = futures.map(({ startedAt }) => startedAt).filter((at) => at !== undefined);
  return {
    overtaken: starts.map((at, index) =>
      starts.slice(0, index).filter((other) => other > at).length
    ),
    settled: futures.filter(({ done, cancelled }) => done || cancelled).length,
  };
}

Deno.test("a call overtakes only calls that lie in sent batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 120 }),
      fc.constantFrom(2, 3),
      fc.constantFrom(1, 4),
      async (steps, workers, batch) => {
        const run = await overtaken(steps, workers, batch);
        assertEquals(run.settled, steps.length);
        // With one call a message a worker has one call, and none is prefetched.
        const most = batch === 1 ? workers - 1 : workers * 2 * batch - 1;
        assertEquals(run.overtaken.filter((count) => count > most), []);
      },
    ),
    { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 15) },
  );
});
