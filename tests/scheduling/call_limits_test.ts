// Limits of single calls, by with().
import {
  CpuTimeLimitError,
  LimitError,
  MemoryLimitError,
  ResourceLimits,
  type ResourceLimitsOptions,
  Scheduler,
  WallTimeLimitError,
} from "@amltk/scheduling";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { blockUntil } from "../fixtures/block_until.ts";
import { during } from "../fixtures/during.ts";
import { untilIdle } from "../fixtures/until_idle.ts";

const IGNORE_LIMITS = { onException: [[LimitError, "ignore"]] } as const;
const FAR = 3_600_000;

function fillBuffers(): void {
  const hoard: Uint8Array[] = [];
  for (;;) hoard.push(new Uint8Array(2 ** 20).fill(1));
}

function spin(): void {
  for (;;);
}

Deno.test("with() limits one call and no other", async () => {
  for (const scheduler of [Scheduler.withWorkers(1, BATCH), Scheduler.withProcesses(1, BATCH)]) {
    const task = scheduler.task(
      (ends: boolean) => ends ? 1 : new Promise<number>(() => setInterval(() => {}, 1000)),
      { name: "wait" },
    );
    const failures: unknown[] = [];
    task.onException((_future, error) => failures.push(error));
    scheduler.onStart(() => {
      const limited = task.with({ limits: { wallTime: 30 } });
      task.submit(true);
      limited.submit(false);
      task.submit(true);
      task.with({ limits: { wallTime: FAR } }).submit(true);
    });
    await scheduler.run(IGNORE_LIMITS);
    assertEquals([task.eventCounts.result, failures.length], [3, 1]);
    assertInstanceOf(failures[0], WallTimeLimitError);
    assertEquals(failures[0].message, "wait ran longer than its limit of 30 ms");
  }
});

Deno.test({
  name: "with() limits CPU time and memory of a process",
  ignore: Deno.build.os === "windows",
  async fn() {
    const scheduler = Scheduler.withProcesses(1, BATCH);
    const failures: unknown[] = [];
    scheduler.onFutureException((_future, error) => failures.push(error));
    scheduler.onStart(() => {
      scheduler.task(spin).with({ limits: { cpuTime: 50 } }).submit();
      scheduler.task(fillBuffers, { name: "fill" }).with({ limits: { memory: "64 MiB" } }).submit();
    });
    await scheduler.run(IGNORE_LIMITS);
    assertInstanceOf(failures[0], CpuTimeLimitError);
    assertInstanceOf(failures[1], MemoryLimitError);
    assertEquals(failures[1].message, "fill used more memory than its limit of 64 MiB");
    assertEquals(failures[1].limit, 64 * 2 ** 20);
  },
});

Deno.test("with() refuses limits that are none, and an empty record", () => {
  const task = Scheduler.withProcesses(1, BATCH).task(() => 1);
  const wrong: [limits: unknown, error: ErrorConstructor, message: string][] = [
    [null, TypeError, "limits takes an object of options, not null"],
    [5, TypeError, "limits takes an object of options, not 5"],
    [[], TypeError, "limits takes an object of options, not an array"],
    [{}, TypeError, "limits needs one of wallTime, cpuTime and memory at least"],
    [{ wallTime: undefined }, TypeError, "limits needs one of"],
    [{ wallTim: 5 }, TypeError, 'limits has no option "wallTim": it has wallTime, cpuTime, memory'],
    [{ wallTime: "5" }, TypeError, 'limits.wallTime must be a number, not "5"'],
    [{ cpuTime: NaN }, RangeError, "limits.cpuTime must be 0 or more milliseconds, not NaN"],
    [{ wallTime: -1 }, RangeError, "limits.wallTime must be 0 or more milliseconds, not -1"],
    [{ memory: 0.5 }, RangeError, "limits.memory must be a whole number of bytes"],
    [{ memory: "5 megs" }, RangeError, "limits.memory must be a whole number of bytes"],
    [{ memory: true }, TypeError, "limits.memory must be bytes or a text"],
  ];
  for (const [limits, errorClass, message] of wrong) {
    assertThrows(
      () => task.with({ limits: limits as ResourceLimitsOptions }),
      errorClass,
      message,
    );
  }
  task.with({ limits: undefined });
});

Deno.test("with() refuses limits that the executor cannot enforce", () => {
  const refused: [Scheduler, ResourceLimitsOptions, string][] = [
    [
      Scheduler.withWorkers(1, BATCH),
      { wallTime: 5, memory: "1 MiB" },
      "WebWorkerExecutor cannot enforce a limit of memory: use Scheduler.withProcesses()",
    ],
    [
      Scheduler.withSequential(),
      { wallTime: 5 },
      "SequentialExecutor cannot enforce a limit of wallTime: use Scheduler.withWorkers()",
    ],
  ];
  for (const [scheduler, limits, message] of refused) {
    assertThrows(() => scheduler.task(() => 1).with({ limits }), TypeError, message);
  }
});

Deno.test("The tighter limit of with() and ResourceLimits applies", async () => {
  const pairs: [plugin: number, call: number][] = [[FAR, 30], [30, FAR]];
  for (const [plugin, call] of pairs) {
    const scheduler = Scheduler.withWorkers(1, BATCH);
    const task = scheduler.task(
      () => new Promise((resolve) => setTimeout(resolve, 3_600_000)),
      { plugins: new ResourceLimits({ wallTime: plugin }) },
    );
    const limits: (number | undefined)[] = [];
    task.on("wall-time-limit-reached", (_future, { limit }) => limits.push(limit));
    scheduler.onStart(() => {
      task.with({ limits: { wallTime: call } }).submit();
    });
    await scheduler.run(IGNORE_LIMITS);
    assertEquals([limits, task.eventCounts.exception], [[30], 1]);
  }
});

Deno.test("Limits of with() and of ResourceLimits add up", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const task = scheduler.task((spins: boolean) => {
    while (spins);
    return new Promise(() => {});
  }, { plugins: new ResourceLimits({ cpuTime: 50 }) });
  const failures: unknown[] = [];
  task.onException((_future, error) => failures.push(error));
  scheduler.onStart(() => {
    task.with({ limits: { wallTime: FAR, memory: "1 GiB" } }).submit(true);
    // It uses no CPU time, whenever its wall time is found to be up.
    task.with({ limits: { wallTime: 1 } }).submit(false);
  });
  await scheduler.run(IGNORE_LIMITS);
  assertInstanceOf(failures[0], CpuTimeLimitError);
  assertInstanceOf(failures[1], WallTimeLimitError);
  assertEquals(task.eventCounts["cpu-time-limit-reached"], 1);
  assertEquals(task.eventCounts["wall-time-limit-reached"], 1);
});

Deno.test("A call that is cancelled before its start was read leaves no timer of its limit", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const file = await Deno.makeTempFile();
  const task = scheduler.task((file: string) => {
    Deno.writeTextFileSync(file, "started");
    return new Promise(() => {});
  });
  await during(scheduler, async () => {
    await scheduler.submit(() => 1);
    await untilIdle(scheduler);
    const future = task.with({ limits: { wallTime: FAR } }).submit(file);
    blockUntil(() => Deno.statSync(file).size > 0);
    future.cancel();
  });
  await Deno.remove(file);
});

Deno.test("A limit error thrown by a function emits no event", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(
    () => {
      throw Object.assign(new Error("mine"), { name: "WallTimeLimitError", limit: 5 });
    },
    { plugins: new ResourceLimits({ wallTime: FAR }) },
  );
  scheduler.onStart(() => {
    task.with({ limits: { wallTime: 60_000 } }).submit();
  });
  await scheduler.run({ onException: "ignore" });
  assertEquals([task.eventCounts.exception, task.eventCounts["wall-time-limit-reached"]], [1, 0]);
});
