// future.worker: the number of the worker that runs or ran a call.
import {
  type Future,
  ResourceLimits,
  Retry,
  Scheduler,
  WallTimeLimitError,
  WorkerLostError,
} from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { actWhen } from "../fixtures/act_when.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { makers } from "../fixtures/makers.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";

const { losing: LOSING, all: ALL } = makers(BATCH);

const endless = () => new Promise<never>(() => {});
const settled = (future: PromiseLike<unknown>) => Promise.resolve(future).catch(() => {});

for (const [name, make] of Object.entries(ALL)) {
  Deno.test(`${name}: Future.worker is set when its function has started`, async () => {
    const scheduler = make(1);
    const seen: unknown[] = [];
    scheduler.onStart(() => {
      const futures = [scheduler.submit(endless), scheduler.submit(endless)];
      const workers = () => futures.map(({ worker }) => worker);
      seen.push(workers());
      actWhen(scheduler, () => futures[0]?.worker !== undefined, () => {
        seen.push(workers());
        for (const future of futures) future.cancel();
        seen.push(workers());
      });
    });
    await scheduler.run();
    assertEquals(seen, [[undefined, undefined], [1, undefined], [1, undefined]]);
  });

  Deno.test(`${name}: Future.worker is known to all events of the end`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((n: number) => {
      if (n % 2 === 1) throw new RangeError(`${n}`);
    });
    const seen: unknown[] = [];
    const note = ({ worker }: Future<unknown>) => void seen.push(worker);
    scheduler.onFutureDone(note);
    scheduler.onFutureResult(note);
    scheduler.onFutureException(note);
    task.onDone(note);
    scheduler.onStart(() => {
      for (let n = 0; n < 300; n++) task.submit(n);
    });
    await scheduler.run({ onException: { tasks: "ignore" } });
    assertEquals(seen, Array.from({ length: 900 }, () => 1));
  });
}

for (const [name, make] of Object.entries(LOSING)) {
  Deno.test(`${name}: Future.worker tells the workers of concurrent calls apart`, async () => {
    const scheduler = make(3);
    scheduler.onStart(() => {
      const futures = [1, 2, 3].map(() => scheduler.submit(endless));
      const running = () => futures.every(({ state }) => state === "running");
      actWhen(scheduler, running, () => {
        const { workers } = scheduler.statistics();
        assertEquals(futures.map(({ worker }) => worker).sort(), [1, 2, 3]);
        for (const { number, call } of workers) {
          assertEquals(futures.find(({ id }) => id === call?.future)?.worker, number);
        }
        scheduler.stop();
      });
    });
    await scheduler.run({ wait: false });
  });

  Deno.test(`${name}: Future.worker names a lost worker, and the one of its number`, async () => {
    const scheduler = make(1);
    await during(scheduler, async () => {
      const lost = scheduler.submit(() => Deno.exit(3));
      const next = scheduler.submit(() => 1);
      await settled(lost);
      await next;
      assert(lost.exception instanceof WorkerLostError);
      assertEquals([lost.worker, next.worker], [1, 1]);
    }, { onException: { tasks: "ignore" } });
  });

  Deno.test(`${name}: Future.worker names the worker of a call over its limit`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(endless, { plugins: new ResourceLimits({ wallTime: 20 }) });
    await during(scheduler, async () => {
      const future = task.submit();
      await settled(future);
      assert(future.exception instanceof WallTimeLimitError);
      assertEquals(future.worker, 1);
    }, { onException: { tasks: "ignore" } });
  });

  Deno.test(`${name}: Future.worker is undefined for a call that cannot cross`, async () => {
    const scheduler = make(1);
    await during(scheduler, async () => {
      const future = scheduler.submit((value: unknown) => value, () => {});
      await settled(future);
      assertEquals([future.worker, future.startedAt], [undefined, undefined]);
    }, { onException: { tasks: "ignore" } });
  });
}

Deno.test("Future.worker is that of the last attempt", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const plugins = new Retry({ maxAttempts: 3, retryIf: () => true });
  const task = scheduler.task(() => {}, { plugins });
  const seen: unknown[] = [];
  task.on("retry", ({ worker }) => {
    seen.push(["retry", worker]);
  });
  scheduler.onStart(async () => {
    const future = task.submit();
    for (const worker of [4, 2, undefined]) {
      const attempts = executor.calls.length;
      const call = executor.calls.at(-1);
      call?.started(undefined, worker);
      seen.push(future.worker);
      call?.fail(new Error("again"));
      while (executor.calls.length === attempts && future.settledAt === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      seen.push(future.worker);
    }
  });
  await scheduler.run({ onException: { tasks: "ignore" } });
  const [first, second] = [[4, ["retry", 4], undefined], [2, ["retry", 2], undefined]];
  assertEquals(seen, [...first, ...second, undefined, undefined]);
});

Deno.test("Future.worker is read from the progress of a call", async () => {
  class LateExecutor extends ManualExecutor {
    progress() {
      return { startedAt: performance.now(), ended: false, worker: 7 };
    }
  }
  const scheduler = new Scheduler(new LateExecutor());
  scheduler.onStart(() => {
    const future = scheduler.submit(() => {});
    assertEquals(future.worker, 7);
    future.cancel();
    assertEquals(future.worker, 7);
  });
  await scheduler.run();
});
