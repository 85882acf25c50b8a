/** Urgent calls start before other calls, prefetched ones included. @module */

import {
  type Future,
  Scheduler,
  type SubmitOptions,
  type Task,
  WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BATCH } from "../fixtures/batch_option.ts";
import { untilIdle } from "../fixtures/until_idle.ts";

const MAKERS: Readonly<Record<string, (workers?: number) => Scheduler>> = {
  workers: (workers = 1) => Scheduler.withWorkers(workers, BATCH),
  processes: (workers = 1) => Scheduler.withProcesses(workers, BATCH),
  "this thread": () => Scheduler.withSequential(),
};

type Numbers = Task<[n: number], number, object, never>;

/** The order in which the calls of a task start that a run submits at its start, on one worker. */
async function orderOf(scheduler: Scheduler, submit: (task: Numbers) => void): Promise<number[]> {
  const task = scheduler.task((n: number) => n);
  const order: number[] = [];
  task.onResult((_future, n) => order.push(n));
  scheduler.onStart(() => submit(task));
  await scheduler.run();
  return order;
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: higher priorities start first, equal ones in order`, async () => {
    const priorities = [0, -0, 1, -3.5, 1, Number.MAX_VALUE, -Number.MAX_VALUE, 1e-300, 0, 1];
    const order = await orderOf(make(), (task) => {
      for (const [n, priority] of priorities.entries()) task.with({ priority }).submit(n);
    });
    assertEquals(order, [5, 2, 4, 9, 7, 0, 1, 8, 3, 6]);
  });

  Deno.test(`${name}: a priority that a plugin sets counts`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n, {
      plugins: {
        name: "largest-first",
        preSubmit: (submission) => ({
          ...submission,
          priority: submission.priority + Number(submission.args[0]),
        }),
      },
    });
    const order: number[] = [];
    task.onResult((_future, n) => order.push(n));
    scheduler.onStart(() => {
      for (const n of [1, 3, 2]) task.submit(n);
      task.with({ priority: 2.5 }).submit(0);
    });
    await scheduler.run();
    assertEquals(order, [3, 0, 2, 1]);
  });

  Deno.test(`${name}: queues keep the order of submission`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n);
    scheduler.onStart(() => {
      for (const n of [1, 2, 3]) task.with({ priority: n }).submit(n);
      assertEquals([...task.queue].flatMap(({ args }) => args), [1, 2, 3]);
      assertEquals([...scheduler.queue].flatMap(({ args }) => args), [1, 2, 3]);
    });
    await scheduler.run();
    assertEquals(task.eventCounts.result, 3);
  });

  Deno.test(`${name}: a stopped run gives back calls of every priority`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n);
    const urgent = task.with({ priority: 1 });
    scheduler.onStart(() => {
      for (let n = 0; n < 600; n++) task.submit(n);
    });
    task.onResult(() => {
      if (!scheduler.running) return;
      for (let n = 0; n < 600; n++) urgent.submit(n);
      scheduler.stop();
    });
    assertEquals((await scheduler.run()).code, "stopped");
    const { result, cancelled } = task.eventCounts;
    assertEquals([result + cancelled, task.running], [1200, false]);
    assert(cancelled >= 600, `${cancelled} were cancelled`);
  });
}

// --- random priorities and cancellations, against a plain model

interface Step {
  readonly priority: number;
  readonly cancelled: boolean;
}

const steps = fc.array(
  fc.record({
    priority: fc.oneof(
      fc.constantFrom(0, 0, 1, -1),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    cancelled: fc.boolean(),
  }),
  { maxLength: 60 },
);

function modelOrder(all: readonly Step[]): number[] {
  return all.map((step, n) => ({ ...step, n }))
    .filter(({ cancelled }) => !cancelled)
    .sort((a, b) => b.priority - a.priority || a.n - b.n)
    .map(({ n }) => n);
}

for (const name of ["workers", "this thread"] as const) {
  Deno.test(`${name}: the order of starts is that of a sorted list`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const order = await orderOf((MAKERS[name] as () => Scheduler)(), (task) => {
          const futures = all.map(({ priority }, n) => task.with({ priority }).submit(n));
          for (const [n, { cancelled }] of all.entries()) if (cancelled) futures[n]?.cancel();
        });
        assertEquals(order, modelOrder(all));
      }),
      { numRuns: 20 },
    );
  });
}

// --- prefetched calls

/** Holds up a worker: its first call ends when it is opened. */
class Gate {
  /** Whether the call has started, whether it may end, and how many calls have started. */
  readonly state = new Int32Array(new SharedArrayBuffer(12));

  /** Blocks this thread until the call has started, so that no message comes between. */
  awaitStart(): void {
    while (Atomics.load(this.state, 0) === 0);
  }

  open(): void {
    Atomics.store(this.state, 1, 1);
    Atomics.notify(this.state, 1);
  }
}

/** Returns how many calls have started before it. */
function start(state: Int32Array, waits = false): number {
  const before = Atomics.add(state, 2, 1);
  if (!waits) return before;
  Atomics.store(state, 0, 1);
  Atomics.wait(state, 1, 0);
  return before;
}

/**
 * A run on one worker that is held up by the first of many calls when `submit` is called; returns the
 * futures that `submit` does, and those of the many.
 */
async function overtaking(
  submit: (urgent: (priority: number, more?: SubmitOptions) => Future<number>) => Future<number>[],
): Promise<{ urgent: Future<number>[]; others: Future<number>[] }> {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(start);
  const gate = new Gate();
  const all: { urgent: Future<number>[]; others: Future<number>[] } = { urgent: [], others: [] };
  scheduler.onStart(async () => {
    // Calls are prefetched once the function is known to be quick.
    for (let n = 0; n < 300; n++) await task.submit(gate.state);
    await untilIdle(scheduler);
    all.others.push(task.submit(gate.state, true));
    for (let n = 0; n < 600; n++) all.others.push(task.submit(gate.state));
    gate.awaitStart();
    const urgent = (priority: number, more: SubmitOptions = {}) =>
      task.with({ priority, ...more }).submit(gate.state);
    all.urgent.push(...submit(urgent));
    gate.open();
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  return all;
}

function idsOf(futures: readonly (Future | undefined)[]): (number | undefined)[] {
  return futures.map((future) => future?.id);
}

function byStart(futures: readonly Future<number>[]): (number | undefined)[] {
  return idsOf(futures.toSorted((a, b) => (a.result ?? NaN) - (b.result ?? NaN)));
}

Deno.test("workers: an urgent call overtakes prefetched calls", async () => {
  const { urgent, others } = await overtaking((submit) => [submit(1)]);
  assertEquals(others.length, 601);
  // The first one was running, all others come after.
  assertEquals(byStart([...urgent, ...others]), idsOf([others[0], ...urgent, ...others.slice(1)]));
});

Deno.test("workers: urgent calls start by priority, before all others", async () => {
  const { urgent, others } = await overtaking((submit) =>
    Array.from({ length: 1000 }, (_, n) => submit(1 + n % 7))
  );
  const expected = urgent.map((future, n) => ({ future, priority: 1 + n % 7 }))
    .sort((a, b) => b.priority - a.priority)
    .map(({ future }) => future);
  assertEquals(
    byStart([...urgent, ...others]),
    idsOf([others[0], ...expected, ...others.slice(1)]),
  );
});

Deno.test("workers: urgent calls with transfer or limits overtake", async () => {
  const { urgent, others } = await overtaking((submit) => [
    submit(1, { transfer: [new ArrayBuffer(8)] }),
    submit(2, { limits: { wallTime: 60_000 } }),
    submit(1, { limits: { wallTime: 60_000 } }),
    submit(2),
  ]);
  const expected = [others[0], urgent[1], urgent[3], urgent[0], urgent[2], ...others.slice(1)];
  assertEquals(byStart([...urgent, ...others]), idsOf(expected));
});

Deno.test("workers: plain calls overtake prefetched background calls", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(start);
  const background = task.with({ priority: -1 });
  const gate = new Gate();
  const others: Future<number>[] = [];
  const plain: Future<number>[] = [];
  scheduler.onStart(async () => {
    for (let n = 0; n < 300; n++) await task.submit(gate.state);
    await untilIdle(scheduler);
    others.push(background.submit(gate.state, true));
    for (let n = 0; n < 600; n++) others.push(background.submit(gate.state));
    gate.awaitStart();
    for (let n = 0; n < 10; n++) plain.push(task.submit(gate.state));
    gate.open();
  });
  await scheduler.run();
  assertEquals(byStart([...plain, ...others]), idsOf([others[0], ...plain, ...others.slice(1)]));
});

Deno.test("workers: a worker keeps the call about to start", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const holdUp = scheduler.task((state: Int32Array) => {
    setTimeout(() => {
      Atomics.store(state, 0, 1);
      Atomics.wait(state, 1, 0);
    });
  });
  const task = scheduler.task(start);
  const gate = new Gate();
  let futures: Future<number>[] = [];
  scheduler.onStart(async () => {
    await holdUp.submit(gate.state);
    await untilIdle(scheduler);
    gate.awaitStart();
    // Otherwise no call could start while ever more urgent ones arrive.
    futures = [1, 2, 3].map((priority) => task.with({ priority }).submit(gate.state));
    gate.open();
  });
  await scheduler.run();
  assertEquals(byStart(futures), idsOf([futures[0], futures[2], futures[1]]));
});

Deno.test("workers: urgent calls overtake when one of them is cancelled", async () => {
  const { urgent, others } = await overtaking((submit) => {
    const all = [submit(1), submit(2), submit(3)];
    all[1]?.cancel();
    return all;
  });
  assertEquals(urgent.map(({ state }) => state), ["done", "cancelled", "done"]);
  const started = [...urgent, ...others].filter(({ done }) => done);
  assertEquals(byStart(started), idsOf([others[0], urgent[2], urgent[0], ...others.slice(1)]));
});

// --- lost workers

for (const [name, make] of Object.entries(MAKERS).slice(0, 2)) {
  Deno.test(`${name}: calls of a lost worker return to their places`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n < 0 ? Deno.exit(3) : n);
    const order: number[] = [];
    const lost: (WorkerLostReason | undefined)[] = [];
    task.onResult((_future, n) => order.push(n));
    task.onException((_future, error) => {
      lost.push(error instanceof WorkerLostError ? error.reason : undefined);
      task.with({ priority: 5 }).submit(100 + lost.length);
    });
    scheduler.onStart(() => {
      for (let n = 0; n < 20; n++) task.submit(n);
      task.with({ priority: 1 }).submit(-1);
      task.with({ priority: 1 }).submit(-2);
      task.with({ priority: 1 }).submit(50);
    });
    await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
    assertEquals(lost, ["exit", "exit"]);
    const plain = Array.from({ length: 20 }, (_, n) => n);
    assertEquals(order, [101, 102, 50, ...plain]);
  });
}
