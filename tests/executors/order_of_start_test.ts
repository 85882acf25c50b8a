/** In which order calls start, whatever their priorities and whatever becomes of their workers. @module */

import { type Future, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import fc from "fast-check";

type Action = "nap" | "spin" | "end worker" | "cancel" | "nothing";

interface Step {
  readonly action: Action;
  readonly ms: number;
  readonly priority: number;
}

/** Steps with one of these priorities. */
function stepsOf(priorities: readonly number[]): fc.Arbitrary<Step[]> {
  const step = fc.record({
    action: fc.constantFrom<Action>("nap", "spin", "nothing", "nothing", "cancel", "end worker"),
    ms: fc.integer({ min: 0, max: 8 }),
    priority: fc.constantFrom(...priorities),
  });
  return fc.array(step, { minLength: 20, maxLength: 120 });
}

async function act(action: Action, ms: number): Promise<void> {
  const end = performance.now() + ms;
  if (action === "spin") { while (performance.now() < end); }
  if (action === "nap") await new Promise((resolve) => setTimeout(resolve, ms));
  if (action === "end worker") Deno.exit(1);
}

interface Start {
  readonly priority: number;
  readonly submittedAt: number;
  readonly startedAt: number;
}

/** The calls that ever started, in the order of their submission. */
async function startsOf(
  make: Make,
  steps: readonly Step[],
  workers: number,
  batch: number,
): Promise<{ starts: Start[]; settled: number }> {
  const scheduler = make(workers, batch);
  const task = scheduler.task(act);
  const futures: Future[] = [];
  const submittedAt: number[] = [];
  scheduler.onStart(async () => {
    // The durations of both functions are known before the other calls are submitted.
    for (let n = 0; n < 20; n++) await task.submit("nothing", 0);
    for (const { action, ms, priority } of steps) {
      const future = task.with({ priority }).submit(action, ms);
      futures.push(future);
      // Once it is queued: this thread may have been stopped since it was made.
      submittedAt.push(performance.now());
      if (action === "cancel") future.cancel();
    }
  });
  await scheduler.run({ onException: "ignore" });
  const starts = futures.map(({ startedAt }, index) => ({
    priority: steps[index]?.priority ?? NaN,
    submittedAt: submittedAt[index] ?? NaN,
    startedAt,
  }));
  return {
    starts: starts.filter((start): start is Start => start.startedAt !== undefined),
    settled: futures.filter(({ done, cancelled }) => done || cancelled).length,
  };
}

/** How many calls of its priority, submitted earlier, each call overtook. */
function overtaken(starts: readonly Start[]): number[] {
  return starts.map(({ priority, startedAt }, index) =>
    starts.slice(0, index).filter((other) =>
      other.priority === priority && other.startedAt > startedAt
    ).length
  );
}

/** How many calls of a lower priority started while each call waited. */
function passedByLower(starts: readonly Start[]): number[] {
  return starts.map(({ priority, submittedAt, startedAt }) =>
    starts.filter((other) =>
      other.priority < priority && other.startedAt > submittedAt && other.startedAt < startedAt
    ).length
  );
}

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 15);

type Make = (workers: number, batch: number) => Scheduler;

const MAKERS: Readonly<Record<string, readonly [make: Make, numRuns: number]>> = {
  "workers": [(workers, batch) => Scheduler.withWorkers(workers, { batch }), RUNS],
  // Fewer, because they take longer to start.
  "processes": [(workers, batch) => Scheduler.withProcesses(workers, { batch }), RUNS / 5],
};

for (const [name, [make, numRuns]] of Object.entries(MAKERS)) {
  Deno.test(`${name}: a call overtakes only calls that lie in sent batches`, async () => {
    await fc.assert(
      fc.asyncProperty(
        stepsOf([0]),
        fc.constantFrom(2, 3),
        fc.constantFrom(1, 4),
        async (steps, workers, batch) => {
          const { starts, settled } = await startsOf(make, steps, workers, batch);
          assertEquals(settled, steps.length);
          // With one call a message a worker has one call, and none is prefetched.
          const most = batch === 1 ? workers - 1 : workers * 2 * batch - 1;
          assertEquals(overtaken(starts).filter((count) => count > most), []);
        },
      ),
      { numRuns },
    );
  });

  Deno.test(`${name}: few calls of lower priority overtake a call`, async () => {
    await fc.assert(
      fc.asyncProperty(
        stepsOf([0, 0, 0, 1, -1, 0.5]),
        fc.constantFrom(1, 2, 3),
        fc.constantFrom(1, 4),
        async (steps, workers, batch) => {
          const { starts, settled } = await startsOf(make, steps, workers, batch);
          assertEquals(settled, steps.length);
          // A worker keeps the call that it is about to start. With several, a call that lies at a slow one may
          // be passed by any number elsewhere.
          if (workers === 1) assertEquals(passedByLower(starts).filter((count) => count > 1), []);
          const mostEqual = batch === 1 ? workers - 1 : workers * 2 * batch - 1;
          assertEquals(overtaken(starts).filter((count) => count > mostEqual), []);
        },
      ),
      { numRuns },
    );
  });
}
