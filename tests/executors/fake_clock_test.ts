// There are two clocks: the times that users give follow a fake clock, those of a pool do not. Likewise, a
// worker runs its calls whatever a task replaces in it.
import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { leftBehind, remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

const realSetTimeout = setTimeout;

const pools = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
};
const makers = { ...pools, sequential: () => Scheduler.withSequential() };

const endless = () => new Promise<never>(() => setInterval(() => {}, 60_000));

/** Waits for an event in workers, whatever the clock of this thread shows. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => realSetTimeout(resolve, 1));
}

for (const everything of [false, true]) {
  const clock = everything ? "a clock that fakes everything" : "a fake clock";

  for (const [executor, make] of Object.entries(pools)) {
    Deno.test(`${executor} start, run, limit, cancel and end under ${clock}`, async () => {
      using time = new FakeTime({ everything });
      const scheduler = make();
      const task = scheduler.task((n: number) => n);
      const waits = scheduler.task(endless);
      const limited = scheduler.task(endless, { plugins: new ResourceLimits({ wallTime: 20 }) });
      const run = scheduler.run({ endOnEmpty: false, onException: "ignore" });
      const all = () => Promise.all(Array.from({ length: 200 }, (_, n) => task.submit(n)));
      assertEquals((await all()).length, 200);
      assertInstanceOf(await limited.submit().catch((error) => error), WallTimeLimitError);
      // Another worker takes the calls behind one that does not end.
      const behind = Array.from(
        { length: 60 },
        (_, n) => n === 5 ? waits.submit() : task.submit(n),
      );
      await Promise.all(behind.filter((_, n) => n !== 5));
      const { 5: stuck } = behind;
      await until(() => stuck?.state === "running");
      assertEquals(stuck?.cancel(), true);
      assertEquals((await all()).length, 200);
      // Streams of child processes make timers through `process.nextTick()`.
      if (!everything) assertEquals(time.timerCount, 0);
      scheduler.stop();
      assertEquals(await run, { code: "stopped", runaways: 0 });
      assertEquals(await leftBehind(), []);
    });
  }

  Deno.test(`An async callback and a run end under ${clock}`, async () => {
    using time = new FakeTime({ everything });
    const scheduler = Scheduler.withSequential();
    const seen: string[] = [];
    const task = scheduler.task((n: number) => n);
    scheduler.onStart(async () => {
      seen.push(`${await task.submit(1)}`);
      await new Promise((resolve) => realSetTimeout(resolve, 1));
      seen.push(`${await task.submit(2)}`);
    });
    scheduler.onEmpty(() => seen.push("empty"));
    assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
    assertEquals([seen, time.timerCount], [["1", "2", "empty"], 0]);
  });
}

for (const [executor, make] of Object.entries(makers)) {
  Deno.test(`${executor}: calls go on after a fake clock is gone`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n);
    const run = scheduler.run({ endOnEmpty: false });
    const rounds = async () => {
      for (let n = 0; n < 5; n++) await Promise.all([task.submit(n), task.submit(n)]);
    };
    await rounds();
    for (let n = 0; n < 3; n++) {
      using _time = new FakeTime({ everything: n === 1 });
      await rounds();
    }
    await rounds();
    scheduler.stop();
    assertEquals((await run).code, "stopped");
    assertEquals(task.eventCounts.result, 50);
  });

  Deno.test(`${executor}: timeout and callLater() follow the clock found at the call`, async () => {
    const scheduler = make();
    const waits = scheduler.task(endless);
    const seen: string[] = [];
    scheduler.onTimeout(() => seen.push("timeout"));
    const real = Promise.withResolvers<void>();
    let run: ReturnType<Scheduler["run"]>;
    {
      using time = new FakeTime();
      run = scheduler.run({ timeout: 1000, wait: false });
      const future = waits.submit();
      await until(() => future.state === "running");
      scheduler.callLater(999, () => seen.push("later"));
      scheduler.callLater(500, () => seen.push("cancelled")).cancel();
      await time.tickAsync(998);
      assertEquals(seen, []);
      await time.tickAsync(1);
      assertEquals(seen, ["later"]);
    }
    // Started on the real clock, which the next fake one does not move.
    scheduler.callLater(1, () => {
      seen.push("real");
      real.resolve();
    });
    {
      using time = new FakeTime();
      await time.tickAsync(60_000);
      await real.promise;
      assertEquals([seen, scheduler.running], [["later", "real"], true]);
      scheduler.stop();
      assertEquals((await run).code, "stopped");
      assertEquals(time.timerCount, 0);
    }
    {
      using time = new FakeTime();
      run = scheduler.run({ timeout: 100_000, wait: false });
      waits.submit();
      await time.tickAsync(99_999);
      assertEquals(scheduler.running, true);
      await time.tickAsync(1);
      assertEquals(scheduler.running, false);
      assertEquals((await run).code, "timeout");
    }
    assertEquals(seen, ["later", "real", "timeout"]);
  });

  for (const when of ["begun", "ended", "throughout"] as const) {
    Deno.test(`${executor}: a run under a fake clock (${when}) lets the program end`, async () => {
      const { code, stdout, stderr } = await runFixture(
        "lives_through_clocks.ts",
        ["--allow-all"],
        [executor, when],
      );
      assertEquals([code, stdout, stderr], [0, "stopped, 3 results\n", ""]);
    });
  }
}

/** Replaces all that a fake clock replaces by functions that throw. */
function replaceClocks(): string {
  const scope = globalThis as unknown as Record<string, unknown>;
  const unusable = (name: string) => () => {
    throw new Error(`${name} of the task was called`);
  };
  const names = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "queueMicrotask"];
  for (const name of [...names, "setImmediate", "clearImmediate", "MessageChannel"]) {
    scope[name] = unusable(name);
  }
  Performance.prototype.now = unusable("performance.now");
  scope.performance = undefined;
  scope.Date = unusable("Date");
  const { process } = globalThis as unknown as { process: { nextTick: unknown } };
  process.nextTick = () => {};
  scope.replaced = "the same worker";
  return "replaced";
}

for (
  const [executor, make] of Object.entries({
    workers: () => Scheduler.withWorkers(1, BATCH),
    processes: () => Scheduler.withProcesses(1, BATCH),
  })
) {
  Deno.test(`${executor}: a task that replaces timers harms no worker`, async () => {
    const scheduler = make();
    const replace = scheduler.task(replaceClocks);
    const task = scheduler.task((n: number) => n);
    const async = scheduler.task(async (n: number) => {
      await null;
      return [n, (globalThis as unknown as { replaced?: string }).replaced];
    });
    const large = scheduler.task((bytes: Uint8Array) => bytes);
    const limited = scheduler.task((n: number) => n, {
      plugins: new ResourceLimits({ wallTime: 60_000 }),
    });
    scheduler.onStart(async () => {
      // In one batch with the next call, and before calls that are sent later.
      const first = replace.submit();
      const batch = Array.from({ length: 30 }, (_, n) => n % 2 ? async.submit(n) : task.submit(n));
      assertEquals(await first, "replaced");
      for (const [n, result] of (await Promise.all(batch)).entries()) {
        assertEquals(result, n % 2 ? [n, "the same worker"] : n);
      }
      const { length } = await large.submit(new Uint8Array(1_000_000));
      assertEquals([length, await limited.submit(7)], [1_000_000, 7]);
      assertEquals(await async.submit(8), [8, "the same worker"]);
      for (const { startedAt = NaN, submittedAt, settledAt = NaN } of batch) {
        assertEquals(submittedAt <= startedAt && startedAt <= settledAt, true);
      }
    });
    assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
    assertEquals(await remains(), []);
  });
}
