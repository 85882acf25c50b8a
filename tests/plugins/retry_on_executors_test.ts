/** `Retry` with real workers and processes. @module */

import { assert, assertEquals } from "@std/assert";
import {
  CpuTimeLimitError,
  type Future,
  LimitError,
  ResourceLimits,
  Retry,
  Scheduler,
  Throttle,
  transfer,
  WorkerLostError,
} from "@amltk/scheduling";
import { leftBehind } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { makers } from "../fixtures/makers.ts";

const { losing: LOSING, all: ALL } = makers(BATCH);

/** Its result or its error. */
const outcomeOf = (future: PromiseLike<unknown>) =>
  Promise.resolve(future).catch((error: unknown) => error);

/** Acts with a folder in which functions mark their attempts. */
async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, make] of Object.entries(LOSING)) {
  Deno.test(`${name}: Retry tries a call again whose worker was lost`, () =>
    withFolder(async (folder) => {
      const scheduler = make(2);
      const exits = (file: string) => {
        try {
          Deno.writeTextFileSync(file, "", { createNew: true });
        } catch {
          return "second attempt";
        }
        Deno.exit(3);
      };
      const task = scheduler.task(exits, { plugins: new Retry({ maxAttempts: 2 }) });
      const errors: unknown[] = [];
      task.on("retry", (_future, attempt, error) => {
        assert(error instanceof WorkerLostError);
        errors.push([attempt, error.reason, error.exitCode]);
      });
      await during(scheduler, async () => {
        assertEquals(await task.submit(`${folder}/mark`), "second attempt");
      });
      assertEquals(errors, [[1, "exit", 3]]);
      assertEquals(await leftBehind(), []);
    }));

  Deno.test(`${name}: Retry gives up on a call that ends each worker`, async () => {
    const scheduler = make(1);
    const plugins = new Retry({ maxAttempts: 3, backoff: 1 });
    const task = scheduler.task((n: number) => n < 0 ? Deno.exit(4) : n, { plugins });
    await during(scheduler, async () => {
      const [bad, ...good] = [-1, 1, 2, 3].map((n) => task.submit(n));
      assertEquals(await Promise.all(good), [1, 2, 3]);
      const error = await outcomeOf(bad as Future);
      assert(error instanceof WorkerLostError && error.reason === "exit", String(error));
    }, { onException: [[WorkerLostError, "ignore"]] });
    assertEquals([task.eventCounts.retry, task.eventCounts.exception], [2, 1]);
  });

  // Each call fails as often as it is told, in one of three ways, and each attempt leaves a mark.
  Deno.test(`${name}: Retry makes exactly the attempts that are needed`, () =>
    withFolder(async (folder) => {
      const scheduler = make(2);
      const fails = async (folder: string, n: number, failures: number) => {
        let attempt = 1;
        for (;; attempt++) {
          try {
            Deno.writeTextFileSync(`${folder}/${n}.${attempt}`, "", { createNew: true });
            break;
          } catch {
            // An earlier attempt has made it.
          }
        }
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        if (attempt > failures) return n;
        if ((n + attempt) % 3 === 0) Deno.exit(1);
        if ((n + attempt) % 3 === 1) throw new RangeError(`${n}`);
        return Promise.reject(n);
      };
      const retry = new Retry({
        maxAttempts: 3,
        backoff: (attempt) => attempt,
        retryIf: () => true,
      });
      const task = scheduler.task(fails, { plugins: retry });
      const calls = Array.from({ length: 40 }, (_, n) => ({ n, failures: n % 5 }));
      let futures: Future[] = [];
      await during(scheduler, async () => {
        futures = calls.map(({ n, failures }) => task.submit(folder, n, failures));
        await Promise.all(futures.map(outcomeOf));
      }, { onException: { tasks: "ignore" } });
      const marks = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      const attempts = calls.flatMap(({ n, failures }) =>
        Array.from({ length: Math.min(3, failures + 1) }, (_, attempt) => `${n}.${attempt + 1}`)
      );
      assertEquals(marks, attempts.sort());
      assertEquals(
        futures.map(({ result, exception }) => result ?? (exception !== undefined)),
        calls.map(({ n, failures }) => failures < 3 ? n : true),
      );
      assertEquals(retry.statistics(), {
        maxAttempts: 3,
        attempts: attempts.length,
        retries: attempts.length - calls.length,
        waiting: 0,
      });
      assertEquals(await leftBehind(), []);
    }));

  Deno.test(`${name}: Retry gives each attempt its whole limit`, async () => {
    const scheduler = make(1);
    const spins = async () => await new Promise(() => {});
    const task = scheduler.task(spins, {
      plugins: [
        new Retry({
          maxAttempts: 3,
          backoff: 0,
          retryIf: (error) => error instanceof LimitError,
        }),
        new ResourceLimits({ wallTime: 60 }),
      ],
    });
    const errors: unknown[] = [];
    task.on("retry", (_future, attempt, error) => errors.push([attempt, (error as Error).name]));
    await during(scheduler, async () => {
      const before = performance.now();
      await outcomeOf(task.submit());
      assert(performance.now() - before >= 3 * 59);
    }, { onException: [[LimitError, "ignore"]] });
    assertEquals(errors, [[1, "WallTimeLimitError"], [2, "WallTimeLimitError"]]);
    assertEquals(task.eventCounts["wall-time-limit-reached"], 1);
  });
}

for (const [name, make] of Object.entries(ALL)) {
  Deno.test(`${name}: Retry puts an attempt at the end of its priority`, () =>
    withFolder(async (folder) => {
      // In batches, calls of lower priority may begin before they are taken back.
      const scheduler = name === "workers"
        ? Scheduler.withWorkers(1, { ...BATCH, batch: 1 })
        : make(1);
      const order = (folder: string, name: string) => {
        const count = [...Deno.readDirSync(folder)].length;
        Deno.writeTextFileSync(`${folder}/${`${count}`.padStart(2, "0")} ${name}`, "");
        if (count < 2) throw new RangeError(name);
      };
      const plugins = new Retry({ maxAttempts: 2, backoff: 0, retryIf: () => true });
      const task = scheduler.task(order, { plugins });
      await during(scheduler, async () => {
        const urgent = task.with({ priority: 1 });
        await Promise.all([
          ...["a", "b", "c"].map((name) => urgent.submit(folder, name)),
          ...["x", "y"].map((name) => task.submit(folder, name)),
        ]);
      });
      const ran = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().map((name) =>
        name.slice(3)
      );
      assertEquals(ran.join(""), "abcabxy");
    }));

  Deno.test(`${name}: Retry works with map()`, () =>
    withFolder(async (folder) => {
      const scheduler = make(2);
      const fails = (file: string, n: number) => {
        try {
          Deno.writeTextFileSync(`${file}/${n}`, "", { createNew: true });
        } catch {
          return n * 2;
        }
        throw new RangeError(`${n}`);
      };
      const plugins = new Retry({ maxAttempts: 2, backoff: 1, retryIf: () => true });
      const task = scheduler.task(fails, { plugins });
      await during(scheduler, async () => {
        const args = (n: number): [string, number] => [folder, n];
        const doubled = await Array.fromAsync(task.map([1, 2, 3, 4, 5], { args }));
        assertEquals(doubled, [2, 4, 6, 8, 10]);
      });
      assertEquals([task.eventCounts.retry, task.eventCounts.exception], [5, 0]);
    }));

  Deno.test(`${name}: Retry keeps the error of a call that moved a buffer`, async () => {
    const scheduler = make(1);
    const fails = (bytes: Uint8Array) => {
      throw new RangeError(`${bytes.length} bytes`);
    };
    const plugins = new Retry({ maxAttempts: 3, backoff: 0, retryIf: () => true });
    const task = scheduler.task(fails, { plugins });
    await during(scheduler, async () => {
      const bytes = new Uint8Array(8);
      const error = await outcomeOf(task.submit(transfer(bytes, [bytes.buffer])));
      assertEquals(String(error), "RangeError: 8 bytes");
    }, { onException: "ignore" });
    assertEquals([task.eventCounts.retry, task.eventCounts.exception], [0, 1]);
  });

  Deno.test(`${name}: Throttle bounds attempts as it does calls`, () =>
    withFolder(async (folder) => {
      for (const isFirst of [true, false]) {
        const scheduler = make(3);
        const checks = async (folder: string, n: number) => {
          Deno.writeTextFileSync(`${folder}/running`, "", { createNew: true });
          await new Promise((resolve) => setTimeout(resolve, 1));
          Deno.removeSync(`${folder}/running`);
          const file = `${folder}/${n}`;
          try {
            Deno.removeSync(file);
          } catch {
            Deno.writeTextFileSync(file, "");
            throw new RangeError(`${n}`);
          }
          return n;
        };
        // A second call at a time would fail with AlreadyExists, which is not tried again.
        const retryIf = (error: unknown) => error instanceof RangeError;
        const retry = new Retry({ maxAttempts: 2, backoff: 1, retryIf });
        const throttle = new Throttle({ maxConcurrent: 1 });
        const plugins = isFirst ? [throttle, retry] : [retry, throttle];
        const task = scheduler.task(checks, { plugins });
        await during(scheduler, async () => {
          const numbers = [1, 2, 3, 4, 5, 6];
          assertEquals(await Promise.all(numbers.map((n) => task.submit(folder, n))), numbers);
        });
        assertEquals(task.eventCounts.retry, 6);
        assertEquals(throttle.statistics(), { maxConcurrent: "0/1", held: 0 });
      }
    }));
}

Deno.test("processes: Retry may try an exceeded limit of CPU time again", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  if (!scheduler.executor.limits?.includes("cpuTime")) return;
  const task = scheduler.task(() => {
    for (;;);
  }, {
    plugins: [
      new ResourceLimits({ cpuTime: 100 }),
      new Retry({ maxAttempts: 2, backoff: 0, retryIf: () => true }),
    ],
  });
  await during(scheduler, async () => {
    assert(await outcomeOf(task.submit()) instanceof CpuTimeLimitError);
  }, { onException: "ignore" });
  assertEquals([task.eventCounts.retry, task.eventCounts["cpu-time-limit-reached"]], [1, 1]);
});
