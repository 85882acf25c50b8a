import {
  type AnyPlugin,
  type AnyTask,
  CpuTimeLimitError,
  type Future,
  LimitError,
  MemoryLimitError,
  type Plugin,
  ResourceLimits,
  Scheduler,
  type Submission,
  WallTimeLimitError,
  WorkerLostError,
} from "@amltk/scheduling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { runFixture } from "../fixtures/run_fixture.ts";
import { traceOf } from "../fixtures/trace.ts";

const IGNORE_LIMITS = { onException: [[LimitError, "ignore"]] } as const;

/** What a function fails with under limits, after the next task of the same worker has run. */
async function failureOf(
  scheduler: Scheduler,
  fn: () => unknown,
  options: ConstructorParameters<typeof ResourceLimits>[0],
): Promise<unknown> {
  const limited = scheduler.task(fn, { plugins: new ResourceLimits(options), name: "limited" });
  const next = scheduler.task((n: number) => n + 1);
  const failures: unknown[] = [];
  limited.onException((_future, error) => failures.push(error));
  scheduler.onStart(() => {
    limited.submit();
    next.submit(41);
  });
  const exit = await scheduler.run(IGNORE_LIMITS);
  assertEquals(exit, { code: "exhausted", runaways: 0 });
  assertEquals([failures.length, next.eventCounts.result], [1, 1]);
  return failures[0];
}

function spin(): void {
  for (;;);
}

function fillHeap(): void {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array(100_000).fill(0.5));
}

function fillBuffers(): void {
  const hoard: Uint8Array[] = [];
  for (;;) hoard.push(new Uint8Array(2 ** 20).fill(1));
}

Deno.test("Plugin.preSubmit() with invalid limits makes submit() throw", async () => {
  const wrong: [limits: unknown, error: ErrorConstructor, message: string][] = [
    [null, TypeError, "limits must be an object, not null"],
    [{ wallTim: 5 }, TypeError, 'limits has no option "wallTim": it has wallTime, cpuTime, memory'],
    [{ wallTime: "5" }, TypeError, 'limits.wallTime must be a number, not "5"'],
    [{ wallTime: NaN }, RangeError, "limits.wallTime must be 0 or more milliseconds, not NaN"],
    [{ memory: 0.5 }, RangeError, "limits.memory must be a positive integer, not 0.5"],
  ];
  const scheduler = Scheduler.withWorkers(1, BATCH);
  scheduler.onStart(() => {
    for (const [limits, errorClass, message] of wrong) {
      const plugin: Plugin = {
        name: "wrong",
        preSubmit: (submission) => ({ ...submission, limits: limits as Submission["limits"] }),
      };
      const task = scheduler.task((n: number) => n, { plugins: plugin });
      assertThrows(() => task.submit(1), errorClass, message);
      assertThrows(() => task.checkLimits(limits as Submission["limits"]), errorClass, message);
    }
  });
  await scheduler.run();
  assertEquals(scheduler.eventCounts["future-submitted"], 0);
});

Deno.test("ResourceLimits refuses wrong options before anything is attached", () => {
  const make = (options: Record<string, unknown>) => () => new ResourceLimits(options);
  assertThrows(make({}), TypeError, "needs one of wallTime, cpuTime and memory");
  assertThrows(make({ wallTime: undefined }), TypeError, "needs one of");
  assertThrows(make({ time: 1 }), TypeError, 'ResourceLimits has no option "time"');
  assertThrows(make({ wallTime: -1 }), RangeError, "wallTime must be 0 or more milliseconds");
  assertThrows(make({ wallTime: "1 s" }), TypeError, "wallTime must be a number");
  assertThrows(make({ cpuTime: NaN }), RangeError, "cpuTime must be 0 or more");
  assertThrows(make({ memory: "512" }), RangeError, 'such as "512 MiB", not "512"');
  assertThrows(make({ memory: "-1 MiB" }), RangeError, "memory must be a whole number of bytes");
  assertThrows(make({ memory: 0.5 }), RangeError, "memory must be a whole number of bytes");
  assertThrows(make({ memory: null }), TypeError, "memory must be bytes or a text");
});

Deno.test("ResourceLimits takes sizes in bytes and with units", () => {
  const sizes: [number | string, number][] = [
    [1000, 1000],
    ["512 MiB", 512 * 2 ** 20],
    ["512MiB", 512 * 2 ** 20],
    ["1.5 GiB", 1.5 * 2 ** 30],
    ["2 KiB", 2048],
    ["2 kB", 2000],
    ["3 MB", 3_000_000],
    ["1 GB", 1_000_000_000],
    ["10 B", 10],
  ];
  for (const [memory, bytes] of sizes) {
    const task = Scheduler.withProcesses(1, BATCH).task(() => {});
    const limits = new ResourceLimits({ memory });
    task.attachPlugin(limits);
    const submission = {
      task,
      function: spin,
      args: [],
      injected: [],
      transfer: [],
      signal: undefined,
      priority: 0,
    };
    assertEquals(limits.preSubmit({ ...submission, limits: {} }).limits, { memory: bytes });
  }
});

Deno.test("task() refuses unenforceable limits and names an executor", () => {
  const attach =
    (scheduler: Scheduler, options: ConstructorParameters<typeof ResourceLimits>[0]) => () =>
      scheduler.task(() => {}, { plugins: new ResourceLimits(options) });
  const workers = Scheduler.withWorkers(1, BATCH);
  assertThrows(
    attach(workers, { memory: "1 GiB" }),
    TypeError,
    "WebWorkerExecutor cannot enforce a limit of memory: use Scheduler.withProcesses()",
  );
  assertThrows(attach(workers, { cpuTime: 100 }), TypeError, "Scheduler.withProcesses()");
  const sequential = Scheduler.withSequential();
  assertThrows(attach(sequential, { wallTime: 100 }), TypeError, "use Scheduler.withWorkers() or");
  attach(workers, { wallTime: 100 })();
  assertEquals([workers.tasks.length, sequential.tasks.length], [1, 0]);
});

Deno.test("submit() refuses unenforceable limits of any plugin", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const plugin: AnyPlugin = {
    name: "hungry",
    preSubmit: (submission) => ({ ...submission, limits: { memory: 1000 } }),
  };
  const task = scheduler.task(() => {}, { plugins: plugin });
  scheduler.onStart(() => assertThrows(() => task.submit(), TypeError, "a limit of memory"));
  await scheduler.run();
  assertEquals(scheduler.eventCounts["future-submitted"], 0);
});

Deno.test("wall-time-limit-reached comes right before exception, with future and error", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const wait = scheduler.task((ms: number) => new Promise((done) => setTimeout(done, ms)), {
    plugins: new ResourceLimits({ wallTime: 50 }),
    name: "wait",
  });
  const trace = traceOf(scheduler, wait as unknown as AnyTask);
  const received: unknown[] = [];
  wait.on("wall-time-limit-reached", (...args) => received.push(...args));
  let submitted: Future | undefined;
  scheduler.onStart(() => {
    submitted = wait.submit(60_000);
  });
  await scheduler.run(IGNORE_LIMITS);
  assertEquals(trace, [
    "start",
    "future-submitted",
    "wait submitted",
    "future-done",
    "future-exception",
    "wait done",
    "wait wall-time-limit-reached",
    "wait exception",
    "empty",
    "finishing",
    "finished",
  ]);
  const [future, error, ...others] = received;
  assertStrictEquals(future, submitted);
  assertStrictEquals(error, submitted?.exception);
  assertEquals([submitted?.task === wait, submitted?.args, others], [true, [60_000], []]);
  assertInstanceOf(error, WallTimeLimitError);
  assertEquals(error.message, "wait ran longer than its limit of 50 ms");
  assertEquals(error.limit, 50);
});

for (const kind of ["workers", "processes"] as const) {
  const make = (count: number) =>
    kind === "workers"
      ? Scheduler.withWorkers(count, BATCH)
      : Scheduler.withProcesses(count, BATCH);

  Deno.test(`${kind}: wall time ends an endless await, the next task runs`, async () => {
    const error = await failureOf(make(1), () => new Promise(() => {}), { wallTime: 50 });
    assertInstanceOf(error, WallTimeLimitError);
  });

  Deno.test(`${kind}: time in the queue and worker start do not count`, async () => {
    const scheduler = make(1);
    const slow = scheduler.task(() => new Promise((done) => setTimeout(done, 1_500)));
    const limited = scheduler.task((n: number) => n, {
      plugins: new ResourceLimits({ wallTime: 1_400 }),
    });
    scheduler.onStart(() => {
      slow.submit();
      limited.submit(1);
    });
    await scheduler.run();
    assertEquals(limited.eventCounts.result, 1);
  });

  Deno.test(`${kind}: wall time touches no neighbour`, async () => {
    const scheduler = make(2);
    const stuck = scheduler.task(() => new Promise(() => {}), {
      plugins: new ResourceLimits({ wallTime: 100 }),
    });
    const neighbour = scheduler.task(() => new Promise((done) => setTimeout(done, 400, "done")));
    scheduler.onStart(() => {
      neighbour.submit();
      stuck.submit();
    });
    await scheduler.run(IGNORE_LIMITS);
    assertEquals([stuck.eventCounts.exception, neighbour.eventCounts.result], [1, 1]);
  });
}

for (const what of ["compute", "wait"]) {
  Deno.test(`wall time of a thread that ${what}s without yielding frees its future`, async () => {
    const { code, stdout, stderr } = await runFixture("limited_spin.ts", ["--allow-read"], [what]);
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout), {
      exit: { code: "exhausted", runaways: 1 },
      error: "WallTimeLimitError: spin ran longer than its limit of 100 ms",
      next: 1,
    });
    assertMatch(
      stderr,
      /The thread that ran spin .*computes or waits without yielding, .*Scheduler\.withProcesses/,
    );
  });
}

Deno.test("wall time ends a process that never yields", async () => {
  const error = await failureOf(Scheduler.withProcesses(1, BATCH), spin, { wallTime: 100 });
  assertInstanceOf(error, WallTimeLimitError);
});

Deno.test("CPU time ends a computing process, not a waiting one", async () => {
  const error = await failureOf(Scheduler.withProcesses(1, BATCH), spin, { cpuTime: 200 });
  assertInstanceOf(error, CpuTimeLimitError);
  assertEquals([error.limit, error.message], [
    200,
    "limited used more CPU time than its limit of 200 ms",
  ]);
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const wait = scheduler.task(() => new Promise((done) => setTimeout(done, 1500, "waited")), {
    plugins: new ResourceLimits({ cpuTime: 1000 }),
  });
  scheduler.onStart(() => {
    wait.submit();
  });
  await scheduler.run();
  assertEquals(wait.eventCounts.result, 1);
});

for (const [what, fill] of [["heap", fillHeap], ["buffers", fillBuffers]] as const) {
  Deno.test(`memory ends a process whose ${what} grow without end`, async () => {
    const error = await failureOf(Scheduler.withProcesses(1, BATCH), fill, { memory: "64 MiB" });
    assertInstanceOf(error, MemoryLimitError);
    assertEquals([error.limit, error.message], [
      64 * 2 ** 20,
      "limited used more memory than its limit of 64 MiB",
    ]);
  });
}

Deno.test("MemoryLimitError shows the unit of the option", async () => {
  for (const [memory, shown] of [["0.0625 GiB", "0.0625 GiB"], [2 ** 26, "67108864 bytes"]]) {
    const error = await failureOf(Scheduler.withProcesses(1, BATCH), fillBuffers, { memory });
    assertEquals((error as Error).message, `limited used more memory than its limit of ${shown}`);
  }
});

Deno.test("A limit ends one process and affects no other task", async () => {
  const scheduler = Scheduler.withProcesses(2, BATCH);
  const gate = await Deno.makeTempFile();
  const hungry = scheduler.task(fillHeap, { plugins: new ResourceLimits({ memory: "64 MiB" }) });
  const hoard = scheduler.task(async (gate: string) => {
    // More than the limit of the others, and kept.
    (globalThis as { hoard?: unknown }).hoard = new Uint8Array(100 * 2 ** 20).fill(1);
    // In the other process, a call exceeds its limit meanwhile.
    while (Deno.statSync(gate).size === 0) await new Promise((done) => setTimeout(done, 5));
    return Deno.pid;
  });
  const modest = scheduler.task(() => Deno.pid, {
    plugins: new ResourceLimits({ memory: "64 MiB" }),
  });
  let pids: unknown[] = [];
  scheduler.onStart(async () => {
    const [first, failure] = [hoard.submit(gate), hungry.submit()] as const;
    await (failure as Future<void>).catch(() => {});
    await Deno.writeTextFile(gate, "open");
    const before = await first;
    pids = [before, ...await Promise.all([modest.submit(), modest.submit()])];
  });
  await scheduler.run(IGNORE_LIMITS);
  await Deno.remove(gate);
  assertEquals([hungry.eventCounts.exception, modest.eventCounts.result], [1, 2]);
  assert(pids.slice(1).includes(pids[0]), "the hoarding process has run a later task");
});

Deno.test("A function that handles the signal of a limit still ends", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const stubborn = scheduler.task(async () => {
    Deno.addSignalListener("SIGVTALRM", () => {});
    await new Promise((done) => setTimeout(done, 50));
    for (;;);
  }, { plugins: new ResourceLimits({ cpuTime: 300 }) });
  let error: unknown;
  stubborn.onException((_future, thrown) => error = thrown);
  scheduler.onStart(() => {
    stubborn.submit();
  });
  await scheduler.run({ onException: "ignore" });
  assert(error instanceof CpuTimeLimitError || error instanceof WorkerLostError, String(error));
});

Deno.test("ResourceLimits emits nothing for unreached limits and other errors", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(
    (fails: boolean) => {
      if (fails) throw new RangeError("too far");
      return "fine";
    },
    { plugins: new ResourceLimits({ wallTime: 60_000 }) },
  );
  scheduler.onStart(() => {
    task.submit(false);
    task.submit(true);
  });
  await scheduler.run({ onException: "ignore" });
  const { result, exception, "wall-time-limit-reached": reached } = task.eventCounts;
  assertEquals([result, exception, reached], [1, 1, 0]);
});

Deno.test("ResourceLimits shows its limits in the tree", () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const task = scheduler.task(() => {}, {
    plugins: new ResourceLimits({ wallTime: 1000, memory: "1 GiB", cpuTime: undefined }),
  });
  assertMatch(String(task), /plugin resource-limits wallTime=1000 memory=1 GiB\n/);
});

Deno.test("Plugin.preException() precedes each exception event, in list order", async () => {
  const scheduler = Scheduler.withSequential();
  const log: unknown[] = [];
  const watcher = (name: string): Plugin => ({
    name,
    preException: (_future, error, args) => log.push([name, (error as Error).message, ...args]),
  });
  const task = scheduler.task((n: number) => {
    if (n > 1) throw new Error(`no ${n}`);
  }, { plugins: [watcher("a"), watcher("b")] });
  task.onException(() => log.push("exception"));
  scheduler.onStart(() => {
    task.submit(1);
    task.submit(2);
  });
  await scheduler.run({ onException: "ignore" });
  assertEquals(log, [["a", "no 2", 2], ["b", "no 2", 2], "exception"]);
});

Deno.test("Plugin.preException() that throws hides nothing; the policy decides", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => {
    throw new RangeError("of the function");
  }, {
    plugins: {
      name: "faulty",
      preException: () => {
        throw new TypeError("of the plugin");
      },
    },
  });
  scheduler.onStart(() => {
    task.submit();
  });
  const exit = await scheduler.run({ onException: [[RangeError, "ignore"], [TypeError, "end"]] });
  assertInstanceOf(exit.exception, TypeError);
  assertEquals(task.eventCounts.exception, 1);
});
