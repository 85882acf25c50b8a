// Workers and processes that are replaced after so many calls, end when they are idle, and start
// before there are calls for them. No call may be lost or started twice by it.
import {
  ExecutorBrokenError,
  type HousekeepingOptions,
  ProcessExecutor,
  Scheduler,
  type StartOptions,
  WebWorkerExecutor,
  type WorkerStatistics,
} from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertLess, assertThrows } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";

type Options = HousekeepingOptions & StartOptions & { batch?: number };

const KINDS = {
  workers: (count: number, options: Options) =>
    Scheduler.withWorkers(count, { ...BATCH, ...options }),
  processes: (count: number, { batch: _batch, ...options }: Options) =>
    Scheduler.withProcesses(count, options),
} as const;

const realSetTimeout = setTimeout;
// What takes longer never happens.
const TOO_LONG_MS = 60_000;

/** Names the worker that it runs in. */
function workerId(): string {
  const scope = globalThis as { workerId?: string };
  return scope.workerId ??= crypto.randomUUID();
}

/** Waits for something that happens in workers, whatever the clock of this thread says. */
async function until(holds: () => boolean): Promise<void> {
  const since = performance.now();
  while (!holds()) {
    assert(performance.now() - since < TOO_LONG_MS, `Not within ${TOO_LONG_MS} ms: ${holds}`);
    await new Promise((resolve) => realSetTimeout(resolve, 1));
  }
}

/** Runs `use` in a run that goes on until it has ended; nothing may be left afterwards. */
async function during(scheduler: Scheduler, use: () => Promise<void>): Promise<void> {
  const run = scheduler.run({ endOnEmpty: false, onException: "ignore" });
  try {
    await use();
  } finally {
    scheduler.stop();
    assertEquals((await run).runaways, 0);
    assertEquals(await leftBehind(), []);
  }
}

function workersOf(scheduler: Scheduler): readonly WorkerStatistics[] {
  return scheduler.statistics().workers;
}

function sum(workers: readonly WorkerStatistics[], of: "starts" | "losses" | "callsDone"): number {
  return workers.reduce((total, worker) => total + worker[of], 0);
}

function count(scheduler: Scheduler, ...states: WorkerStatistics["state"][]): number {
  return workersOf(scheduler).filter(({ state }) => states.includes(state)).length;
}

/** How often each value is there. */
function tally(values: readonly string[]): number[] {
  return [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
}

for (const [kind, make] of Object.entries(KINDS)) {
  const calls = kind === "workers" ? 500 : 10;

  Deno.test(`${kind}: maxCallsPerWorker replaces each after so many calls`, async () => {
    const scheduler = make(1, { maxCallsPerWorker: calls / 5 });
    const task = scheduler.task(workerId);
    await during(scheduler, async () => {
      // By the second round it is known how short they are: they go in batches.
      const ids: string[] = [];
      for (const round of [calls / 10, calls - calls / 10]) {
        ids.push(...await Promise.all(Array.from({ length: round }, () => task.submit())));
      }
      assertEquals(tally(ids), Array(5).fill(calls / 5));
    });
    const workers = workersOf(scheduler);
    assertEquals([workers.length, sum(workers, "starts"), sum(workers, "losses")], [1, 5, 0]);
    assertEquals(sum(workers, "callsDone"), calls);
  });

  Deno.test(`${kind}: maxCallsPerWorker loses no call and starts none twice`, async () => {
    const scheduler = make(2, { maxCallsPerWorker: 3 });
    const task = scheduler.task((n: number, id: string) => {
      const scope = globalThis as { id?: string };
      return [n, scope.id ??= id] as const;
    });
    const total = kind === "workers" ? 60 : 12;
    const cancelled: number[] = [];
    await during(scheduler, async () => {
      const all = Array.from({ length: total }, (_, n) => task.submit(n, crypto.randomUUID()));
      const first = await all[0];
      for (const [n, future] of all.entries()) {
        if (n % 5 === 3 && future.cancel()) cancelled.push(n);
      }
      const kept = all.filter(({ cancelled }) => !cancelled);
      const results = await Promise.all(kept);
      const numbers = results.map(([n]) => n).concat(cancelled).toSorted((a, b) => a - b);
      assertEquals(numbers, Array.from({ length: total }, (_, n) => n));
      for (const calls of tally(results.map(([, id]) => id))) assert(calls <= 3, `${calls}`);
      assertEquals(first?.[0], 0);
    });
    assert(sum(workersOf(scheduler), "callsDone") <= total);
  });

  Deno.test(`${kind}: maxCallsPerWorker does not count calls that cannot be sent`, async () => {
    const scheduler = make(1, { maxCallsPerWorker: 2 });
    const task = scheduler.task((_value: unknown) => {});
    await during(scheduler, async () => {
      const values = [() => {}, 1, () => {}, () => {}, 2];
      await Promise.allSettled(values.map((value) => task.submit(value)));
    });
    assertEquals(sum(workersOf(scheduler), "starts"), 1);
    assertEquals(sum(workersOf(scheduler), "callsDone"), 2);
  });

  Deno.test(`${kind}: a fresh one gets initializer, function and shared value again`, async () => {
    const scheduler = make(1, {
      maxCallsPerWorker: 1,
      initializer: () => void Object.assign(globalThis, { scale: 10 }),
    });
    const data = scheduler.share({ xs: new Float64Array([1, 2, 3]) });
    const scaled = scheduler.task(({ xs }: { xs: Float64Array }, n: number) =>
      (xs[n] ?? NaN) * Reflect.get(globalThis, "scale")
    );
    await during(scheduler, async () => {
      const results = [0, 1, 2].map((n) => scaled.submit(data, n));
      assertEquals(await Promise.all(results), [10, 20, 30]);
    });
    assertEquals(sum(workersOf(scheduler), "starts"), 3);
  });

  Deno.test(`${kind}: one that fails a call has used up one of its calls`, async () => {
    const scheduler = make(1, { maxCallsPerWorker: 2 });
    const task = scheduler.task((n: number) => {
      if (n === 1) throw new RangeError("one");
    });
    await during(scheduler, async () => {
      await Promise.allSettled([1, 2, 1, 2].map((n) => task.submit(n)));
    });
    assertEquals(sum(workersOf(scheduler), "starts"), 2);
  });

  Deno.test(`${kind}: idleTimeout ends an idle one, the next call starts one`, async () => {
    const log = await Deno.makeTempFile();
    const scheduler = make(1, { idleTimeout: 20 });
    const listen = scheduler.task((log: string) => {
      addEventListener("unload", () => Deno.writeTextFileSync(log, "asked\n", { append: true }));
    });
    await during(scheduler, async () => {
      for (let round = 1; round <= 2; round++) {
        await listen.submit(log);
        await until(() => count(scheduler, "ended") === 1);
        // It was asked to end before it was terminated.
        await until(() => Deno.readTextFileSync(log) === "asked\n".repeat(round));
        assertEquals(workersOf(scheduler).map(({ starts, losses }) => [starts, losses]), [[
          round,
          0,
        ]]);
      }
    });
    await Deno.remove(log);
  });

  Deno.test(`${kind}: idleTimeout leaves one alone that runs a call`, async () => {
    const scheduler = make(1, { idleTimeout: 10 });
    await during(scheduler, async () => {
      const slow = scheduler.task((ms: number) => new Promise((end) => setTimeout(end, ms, ms)));
      assertEquals(await slow.submit(200), 200);
    });
    assertEquals(workersOf(scheduler).map(({ starts, losses }) => [starts, losses]), [[1, 0]]);
  });

  Deno.test(`${kind}: minWorkers are left when the others are idle`, async () => {
    const scheduler = make(2, { idleTimeout: 10, minWorkers: 1, warmUp: true });
    await during(scheduler, async () => {
      await until(() => count(scheduler, "ended") === 1);
      // Both are needed, so the other one starts again, and one of them ends again.
      const gate = await Deno.makeTempFile();
      const pass = scheduler.task(async (gate: string) => {
        const isClosed = () => Deno.stat(gate).then(() => true, () => false);
        while (await isClosed()) await new Promise((resolve) => setTimeout(resolve, 1));
      });
      const both = [pass.submit(gate), pass.submit(gate)];
      await until(() => both.every(({ state }) => state === "running"));
      await Deno.remove(gate);
      await Promise.all(both);
      await until(() => {
        // Both may still be busy with the answers of their calls.
        const ended = count(scheduler, "ended");
        assertLess(ended, 2);
        return ended === 1;
      });
      assertEquals(sum(workersOf(scheduler), "starts"), 3);
    });
  });

  Deno.test(`${kind}: minWorkers replace at once one that has used up its calls`, async () => {
    const scheduler = make(1, { maxCallsPerWorker: 1, minWorkers: 1 });
    await during(scheduler, async () => {
      await scheduler.submit(() => {});
      await until(() => count(scheduler, "idle") === 1);
      assertEquals(workersOf(scheduler)[0]?.starts, 2);
    });
  });

  for (const [warmUp, expected] of [[true, 2], [1, 1], [false, 0]] as const) {
    Deno.test(`${kind}: warmUp: ${warmUp} starts ${expected} of 2 with each run`, async () => {
      const scheduler = make(2, { warmUp });
      for (const run of [1, 2]) {
        await during(scheduler, async () => {
          await until(() => count(scheduler, "idle") === expected);
          assertEquals(sum(workersOf(scheduler), "starts"), expected * run);
        });
        assertEquals(count(scheduler, "ended"), expected);
      }
    });
  }

  Deno.test(`${kind}: warmUp keeps no run alive, and ends with it`, async () => {
    const scheduler = make(2, { warmUp: true });
    assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
    assertEquals(await leftBehind(), []);
    assertEquals(sum(workersOf(scheduler), "starts"), 2);
  });

  Deno.test(`${kind}: warmUp starts none when a start callback stops the run`, async () => {
    const scheduler = make(2, { warmUp: true });
    scheduler.onStart(() => scheduler.stop());
    await scheduler.run();
    assertEquals(workersOf(scheduler), []);
  });

  Deno.test(`${kind}: warmUp starts none after the executor was shut down`, async () => {
    const Executor = kind === "workers" ? WebWorkerExecutor : ProcessExecutor;
    const executor = new Executor(2, { warmUp: true });
    executor.start();
    await executor.shutdown();
    assertEquals(executor.workers().filter(({ state }) => state !== "ended"), []);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${kind}: warmUp that fails breaks the executor for the next call`, async () => {
    const scheduler = make(3, {
      warmUp: true,
      initializer: () => {
        throw new RangeError("no data");
      },
    });
    await during(scheduler, async () => {
      await until(() => sum(workersOf(scheduler), "losses") === 3);
      const error = await scheduler.submit(() => 1).catch((error) => error);
      assertInstanceOf(error, ExecutorBrokenError);
      assertInstanceOf(error.cause, RangeError);
    });
  });

  Deno.test(`${kind}: idle ones end and warm ones start under a fake clock`, async () => {
    using _time = new FakeTime();
    const scheduler = make(1, { idleTimeout: 10, warmUp: 1 });
    await during(scheduler, async () => {
      await until(() => count(scheduler, "ended") === 1);
      assertEquals(sum(workersOf(scheduler), "starts"), 1);
    });
  });

  const wrong: readonly [
    option: string,
    value: unknown,
    type: typeof TypeError,
    message: string,
  ][] = [
    ["maxCallsPerWorker", "10", TypeError, 'must be a number, not "10"'],
    ["maxCallsPerWorker", 0, RangeError, "must be a positive integer or Infinity, not 0"],
    ["maxCallsPerWorker", 1.5, RangeError, "must be a positive integer or Infinity, not 1.5"],
    ["idleTimeout", "1 s", TypeError, 'must be a number, not "1 s"'],
    ["idleTimeout", -1, RangeError, "must be 0 or more milliseconds, not -1"],
    ["idleTimeout", NaN, RangeError, "must be 0 or more milliseconds, not NaN"],
    ["minWorkers", true, TypeError, "must be a number, not true"],
    ["minWorkers", 3, RangeError, "must be an integer from 0 to 2, the number of workers, not 3"],
    ["minWorkers", -1, RangeError, "must be an integer from 0 to 2, the number of workers, not -1"],
    ["warmUp", "all", TypeError, 'must be a number, true or false, not "all"'],
    ["warmUp", 3, RangeError, "must be an integer from 0 to 2, the number of workers, not 3"],
    ["warmUp", 0.5, RangeError, "must be an integer from 0 to 2, the number of workers, not 0.5"],
  ];
  for (const [option, value, type, message] of wrong) {
    Deno.test(`${kind}: ${option} cannot be ${value}`, () => {
      assertThrows(() => make(2, { [option]: value }), type, `${option} ${message}`);
    });
  }

  Deno.test(`${kind}: options of housekeeping take their limits`, () => {
    make(2, { maxCallsPerWorker: Infinity, idleTimeout: Infinity, minWorkers: 2, warmUp: 2 });
    make(2, { maxCallsPerWorker: 1, idleTimeout: 0, minWorkers: 0, warmUp: 0 });
  });
}

Deno.test("workers: maxCallsPerWorker bounds what is sent ahead, with any size of batches", async () => {
  for (const batch of [1, 7, 256]) {
    const scheduler = Scheduler.withWorkers(2, { maxCallsPerWorker: 10, batch });
    // Counted where it cannot be missed, whatever becomes of the worker.
    const starts = new Int32Array(new SharedArrayBuffer(4 * 200));
    const task = scheduler.task((n: number, starts: Int32Array, id: string) => {
      Atomics.add(starts, n, 1);
      const scope = globalThis as { id?: string };
      return scope.id ??= id;
    });
    await during(scheduler, async () => {
      const all = starts.length;
      const ids = await Promise.all(
        Array.from({ length: all }, (_, n) => task.submit(n, starts, `${n}`)),
      );
      for (const calls of tally(ids)) assert(calls <= 10, `${calls}`);
      assertEquals([...starts], Array(all).fill(1));
    });
    assert(sum(workersOf(scheduler), "starts") >= 20, `batch ${batch}`);
  }
});

Deno.test("workers: idleTimeout: 0 ends a worker between two calls, and loses none", async () => {
  const scheduler = Scheduler.withWorkers(2, { ...BATCH, idleTimeout: 0 });
  const task = scheduler.task((n: number) => n + 1);
  await during(scheduler, async () => {
    let n = 0;
    while (n < 10) {
      n = await task.submit(n);
      await until(() => count(scheduler, "ended") >= 1);
    }
    assertEquals(n, 10);
  });
});
