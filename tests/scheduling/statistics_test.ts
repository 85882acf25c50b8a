// What scheduler.statistics() returns about run, workers and times, what it costs, and how it becomes JSON.
import {
  type Call,
  Emitter,
  type Executor,
  type LastExit,
  type Plugin,
  type RunOptions,
  Scheduler,
  type SchedulerStatistics,
  WorkerLostError,
  type WorkerStatistics,
} from "@amltk/scheduling";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { actWhen } from "../fixtures/act_when.ts";
import { BATCH } from "../fixtures/batch_option.ts";

const MAKERS = {
  workers: (count: number) => Scheduler.withWorkers(count, BATCH),
  processes: (count: number) => Scheduler.withProcesses(count, BATCH),
  sequential: (_count: number) => Scheduler.withSequential(),
} as const;

const endless = () => new Promise<never>(() => {});

/** Takes calls and lets the test report on them. */
class ManualExecutor implements Executor {
  readonly name = "ManualExecutor";
  readonly workerCount = Infinity;
  readonly calls: Call[] = [];
  asked = 0;
  submit(call: Call): void {
    this.calls.push(call);
  }
  progress(): undefined {
    this.asked++;
  }
  cancel(): void {}
  shutdown(): Promise<{ runaways: 0 }> {
    return Promise.resolve({ runaways: 0 });
  }
}

function onlyWorker(scheduler: Scheduler): WorkerStatistics {
  const { workers } = scheduler.statistics();
  const [worker] = workers;
  assert(worker !== undefined && workers.length === 1);
  return worker;
}

// --- workers

for (const [kind, make] of Object.entries(MAKERS)) {
  Deno.test(`${kind}: statistics() shows what a worker runs and since when`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(endless, { name: "train" });
    const seen: WorkerStatistics[] = [];
    scheduler.onStart(() => {
      const future = task.submit();
      task.submit();
      actWhen(scheduler, () => scheduler.statistics().runningCount === 1, () => {
        const { runningCount, pending } = scheduler.statistics();
        assertEquals([future.state, runningCount, pending], ["running", 1, 1]);
        seen.push(onlyWorker(scheduler));
        assertEquals(seen[0]?.call, {
          task: "train",
          future: future.id,
          startedAt: future.startedAt,
        });
        scheduler.stop();
      });
    });
    await scheduler.run({ wait: false });
    const [worker] = seen;
    assertEquals([worker?.number, worker?.state, worker?.callsDone], [1, "busy", 0]);
    assertEquals(onlyWorker(scheduler).call, undefined);
    assertEquals(scheduler.statistics().runningCount, 0);
  });

  Deno.test(`${kind}: statistics() counts calls that are done, failed ones too`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((n: number) => {
      if (n % 2 === 0) throw new RangeError(`${n}`);
      return n;
    });
    const counts: unknown[] = [];
    scheduler.onStart(async () => {
      for (let n = 0; n < 4; n++) {
        await task.submit(n).catch(() => {});
        const { callsDone, call } = onlyWorker(scheduler);
        counts.push([callsDone, call]);
      }
    });
    for (let run = 0; run < 2; run++) await scheduler.run({ onException: { tasks: "ignore" } });
    assertEquals(counts, [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, undefined]));
    assertEquals(onlyWorker(scheduler).callsDone, 8);
  });
}

for (const kind of ["workers", "processes"] as const) {
  Deno.test(`${kind}: statistics() counts starts and losses over all runs`, async () => {
    const scheduler = MAKERS[kind](1);
    const exit = scheduler.task(() => Deno.exit(3));
    scheduler.onStart(async () => {
      await exit.submit().catch(() => {});
      await scheduler.submit(() => 1);
    });
    for (const runs of [1, 2]) {
      await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
      assertEquals(onlyWorker(scheduler), {
        number: 1,
        state: "ended",
        call: undefined,
        callsDone: runs,
        starts: 2 * runs,
        losses: runs,
      });
    }
  });

  Deno.test(`${kind}: a worker whose call is cancelled is no loss`, async () => {
    const scheduler = MAKERS[kind](1);
    scheduler.onStart(() => {
      const future = scheduler.submit(endless);
      actWhen(scheduler, () => future.state === "running", () => future.cancel());
    });
    await scheduler.run();
    const { callsDone, starts, losses } = onlyWorker(scheduler);
    assertEquals([callsDone, starts, losses], [0, 1, 0]);
  });

  Deno.test(`${kind}: statistics() lists each worker that was started`, async () => {
    const scheduler = MAKERS[kind](2);
    const states = () => scheduler.statistics().workers.map(({ state }) => state);
    const seen: string[][] = [states()];
    scheduler.onStart(async () => {
      const all = [scheduler.submit(endless), scheduler.submit(endless)];
      // Workers start in a microtask.
      await undefined;
      seen.push(states());
      actWhen(scheduler, () => all.every(({ state }) => state === "running"), () => {
        seen.push(states());
        scheduler.stop();
      });
    });
    await scheduler.run({ wait: false });
    seen.push(states());
    assertEquals(seen, [[], ["starting", "starting"], ["busy", "busy"], ["ended", "ended"]]);
  });
}

Deno.test("Scheduler.statistics() counts running calls by reports without workers()", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((n: number) => n);
  const counts: number[] = [];
  const note = () => counts.push(scheduler.statistics().runningCount);
  scheduler.onStart(() => {
    const futures = [0, 1, 2, 3].map((n) => task.submit(n));
    note();
    for (const call of executor.calls) call.started();
    executor.calls[0]?.started();
    note();
    executor.calls[0]?.succeed(0);
    note();
    executor.calls[1]?.fail(new RangeError("one"));
    note();
    futures[2]?.cancel();
    note();
    scheduler.stop();
  });
  await scheduler.run({ wait: false, onException: { tasks: "ignore" } });
  note();
  assertEquals(counts, [0, 4, 3, 2, 1, 0]);
  assertEquals(scheduler.statistics().workers, []);
});

// --- what it costs

Deno.test("Scheduler.statistics() asks nothing about queued futures", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    for (let n = 0; n < 1000; n++) task.submit(n);
    // Whoever looks at the state of a future asks the executor.
    assertEquals([[...task.queue][0]?.state, executor.asked], ["pending", 1]);
    assertEquals([scheduler.statistics().pending, executor.asked], [1000, 1]);
    assertEquals([scheduler.toString().includes("1000 pending"), executor.asked], [true, 1]);
    scheduler.stop();
  });
  await scheduler.run({ wait: false });
});

// --- phases

Deno.test("Scheduler.statistics() shows the phase, and what the end waits for", async () => {
  const shutdown = Promise.withResolvers<void>();
  const callback = Promise.withResolvers<void>();
  const executor = new ManualExecutor();
  executor.shutdown = async () => {
    note();
    await shutdown.promise;
    return { runaways: 0 };
  };
  const scheduler = new Scheduler(executor);
  const seen: unknown[] = [];
  function note() {
    const { running, phase, waitsFor, pendingCallbacks } = scheduler.statistics();
    seen.push([running, phase, waitsFor, pendingCallbacks]);
  }
  note();
  scheduler.onStart(async () => {
    scheduler.submit(() => 1);
    executor.calls[0]?.started();
    note();
    scheduler.callLater(0, scheduler.stop);
    await callback.promise;
  });
  scheduler.onFinishing(note);
  scheduler.onFinished(note);
  const run = scheduler.run();
  await scheduler.once("finishing");
  executor.calls[0]?.succeed(1);
  // Once its workers have ended it waits for the callback alone.
  setTimeout(() => shutdown.resolve(), 1);
  while (scheduler.statistics().waitsFor !== "callbacks") {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  note();
  callback.resolve();
  await run;
  note();
  assertEquals(seen, [
    [false, "not running", undefined, 0],
    [true, "running", undefined, 0],
    [false, "finishing", "calls", 1],
    [false, "finishing", "workers", 1],
    [false, "finishing", "callbacks", 1],
    [false, "finishing", undefined, 0],
    [false, "not running", undefined, 0],
  ]);
});

class HostileError extends Error {
  override toString(): string {
    throw new TypeError("no text");
  }
}

function fail(error: unknown): (scheduler: Scheduler) => void {
  return (scheduler) => {
    scheduler.submit(() => {
      throw error;
    });
  };
}

const EXITS: readonly [
  how: string,
  act: (scheduler: Scheduler) => void,
  options: RunOptions,
  expected: LastExit,
][] = [
  ["exhausted", () => {}, {}, { code: "exhausted" }],
  ["stopped", ({ stop }) => stop("enough"), {}, { code: "stopped", message: "enough" }],
  ["timed out", () => {}, { timeout: 1, endOnEmpty: false }, { code: "timeout" }],
  [
    "ended by a task",
    fail(new RangeError("no")),
    { onException: "end" },
    { code: "exception", error: "RangeError: no" },
  ],
  [
    "rejected",
    fail("no"),
    { onException: "raise" },
    { code: "exception", error: '"no"' },
  ],
  [
    "rejected with an error without a text",
    fail(new HostileError()),
    {},
    { code: "exception", error: "an object of HostileError" },
  ],
  [
    "aborted",
    (scheduler) => void scheduler[Symbol.asyncDispose](),
    {},
    { code: "stopped", error: "AbortError: The scheduler was disposed" },
  ],
  [
    "ended by a cancellation",
    (scheduler) => void scheduler.submit(() => 1).cancel(),
    { onCancelled: "end" },
    {
      code: "cancelled",
      error: "FutureCancelledError: anonymous was cancelled: cancel() was called",
    },
  ],
];

for (const [how, act, options, expected] of EXITS) {
  Deno.test(`Scheduler.statistics() shows a run that was ${how}`, async () => {
    const scheduler = Scheduler.withSequential();
    scheduler.onStart(() => {
      assertEquals(scheduler.statistics().lastExit, undefined);
      act(scheduler);
    });
    await scheduler.run(options).catch(() => {});
    assertEquals(scheduler.statistics().lastExit, expected);
  });
}

// --- times

for (const [kind, make] of Object.entries(MAKERS)) {
  Deno.test(`${kind}: statistics() shows how long calls wait and run`, async () => {
    const scheduler = make(1);
    const nap = scheduler.task((ms: number) => new Promise((end) => setTimeout(end, ms)));
    const { throughput, waitingTime, runningTime } = scheduler.statistics();
    const none = { median: undefined, p99: undefined };
    assertEquals([throughput, waitingTime, runningTime], [0, none, none]);
    scheduler.onStart(() => {
      for (let n = 0; n < 3; n++) nap.submit(30);
    });
    const since = performance.now();
    await scheduler.run();
    const elapsed = performance.now() - since;
    const after = scheduler.statistics();
    for (const { median = 0, p99 = 0 } of [after.runningTime, after.waitingTime]) {
      // The second call waits for the first, the third for both. A busy thread hears late of a start.
      assert(median >= 0.5 * 29 && median <= p99 && p99 <= 1.05 * elapsed, `${median}, ${p99}`);
    }
    assert((after.waitingTime.p99 ?? 0) >= 0.5 * 58);
    assertGreater(after.throughput, 1000 * 3 / (elapsed + 1000));
    assertGreater(1000 * 3 / 45, after.throughput);
  });
}

Deno.test("Scheduler.statistics() leaves out of the times what never started", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  scheduler.onStart(() => {
    const [, cancelled] = [1, 2].map((n) => scheduler.submit((n: number) => n, n));
    executor.calls[1]?.started();
    cancelled?.cancel();
    executor.calls[0]?.fail(new RangeError("unsent"));
  });
  await scheduler.run({ onException: { tasks: "ignore" } });
  const { throughput, runningTime } = scheduler.statistics();
  assertEquals([throughput, runningTime.median], [0, undefined]);
});

// --- JSON

Deno.test("JSON.stringify() of a scheduler is its statistics", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { name: "same" });
  task.onResult(() => {}, { every: 2 });
  scheduler.onStart(() => {
    task.submit(1);
  });
  await scheduler.run();
  const parsed = JSON.parse(JSON.stringify(scheduler));
  assertEquals(parsed, JSON.parse(JSON.stringify(scheduler.statistics())));
  assertEquals([parsed.phase, parsed.lastExit, parsed.tasks.length], [
    "not running",
    { code: "exhausted" },
    1,
  ]);
  assertEquals(JSON.parse(JSON.stringify({ task })), { task: parsed.tasks[0] });
  assertEquals(task.toJSON(), task.statistics());
  const typed: SchedulerStatistics = scheduler.toJSON();
  assertEquals(typed.tasks[0]?.name, "same");
});

Deno.test("toJSON() shows as text what JSON cannot express", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const details = {
    big: 10n,
    infinite: Infinity,
    missing: undefined,
    nothing: null,
    symbol: Symbol("s"),
    list: [1, NaN, () => {}],
    deep: { map: new Map(), date: new Date(NaN) },
    cyclic,
  };
  const plugin: Plugin = { name: "odd", statistics: () => details };
  const scheduler = new Scheduler(new ManualExecutor());
  scheduler.task(() => {}, { plugins: plugin });
  scheduler.onStart(() => {}, {
    when: function often() {
      return true;
    },
  });
  const parsed = JSON.parse(JSON.stringify(scheduler));
  assertEquals(parsed.workerCount, "Infinity");
  assertEquals(parsed.events[0].callbacks[0].options, { when: "often" });
  const { cyclic: shown, ...others } = parsed.tasks[0].plugins[0].details;
  assertEquals(others, {
    big: "10",
    infinite: "Infinity",
    nothing: null,
    symbol: "Symbol(s)",
    list: [1, "NaN", "function (anonymous)"],
    deep: { map: "an object of Map", date: "an object of Date" },
  });
  // What leads back to itself ends as text.
  assertEquals(shown, { self: { self: "an object of Object" } });
});

Deno.test("JSON.stringify() of an emitter is its events", () => {
  const clock = new Emitter<{ tick: [] }>({ name: "clock", events: ["tick"] });
  clock.emit("tick");
  assertEquals(JSON.parse(JSON.stringify({ clock })), { clock: clock.statistics() });
});

// --- callbacks, held calls, the last futures

Deno.test("Scheduler.statistics() groups callbacks under way by event and function", async () => {
  const scheduler = Scheduler.withSequential();
  const gate = Promise.withResolvers<void>();
  const double = scheduler.task((n: number) => 2 * n, { name: "double" });
  const seen: unknown[] = [];
  const look = () =>
    seen.push(
      scheduler.statistics().callbacksUnderWay.map(({ since, ...rest }) => {
        assert(since <= performance.now());
        return rest;
      }),
    );
  double.onDone(async function store() {
    await gate.promise;
  });
  scheduler.onStart(async () => {
    for await (const _ of double.map([1, 2, 3])) look();
    gate.resolve();
    while (scheduler.statistics().pendingCallbacks > 1) await Promise.resolve();
    look();
  });
  await scheduler.run();
  look();
  const start = { event: "start", name: "(anonymous)", count: 1 };
  const map = { event: "map", name: "double", count: 1 };
  const done = { event: "done", name: "store", count: 3 };
  assertEquals(seen.slice(-3), [[map, start, done], [start], []]);
});

Deno.test("Scheduler.statistics() lists at most 16 groups of callbacks, the oldest", async () => {
  const scheduler = Scheduler.withSequential();
  const gate = Promise.withResolvers<void>();
  for (let n = 0; n < 20; n++) {
    scheduler.onStart({ [`wait${n}`]: () => gate.promise }[`wait${n}`] as () => Promise<void>);
  }
  const names: string[] = [];
  scheduler.onStart(() => {
    const { callbacksUnderWay, pendingCallbacks } = scheduler.statistics();
    names.push(...callbacksUnderWay.map(({ name }) => name), `${pendingCallbacks}`);
    gate.resolve();
  });
  await scheduler.run();
  assertEquals(names, [...Array.from({ length: 16 }, (_, n) => `wait${n}`), "20"]);
});

Deno.test("statistics() counts calls that are held back until they leave", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const load = scheduler.task((n: number) => n, { name: "load" });
  const sum = scheduler.task((...all: number[]) => all.length, { name: "sum" });
  const gate = Promise.withResolvers<void>();
  const late = scheduler.task((n: number) => n, {
    name: "late",
    plugins: { name: "gate", preSubmit: (call) => ({ ...call, after: gate.promise }) },
  });
  const counts: unknown[] = [];
  const look = () => {
    const { held, pending, tasks } = scheduler.statistics();
    counts.push([held, pending, ...tasks.map((task) => task.held), tasks[1]?.waitsFor]);
  };
  scheduler.onStart(async () => {
    const loads = [load.submit(1), load.submit(2)] as const;
    const cancelled = sum.submit(...loads);
    sum.submit(...loads);
    late.submit(1);
    look();
    cancelled.cancel();
    look();
    for (const call of executor.calls.splice(0)) call.succeed(1);
    look();
    gate.resolve();
    while (executor.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    look();
    for (const call of executor.calls) call.succeed(1);
  });
  await scheduler.run();
  // All, pending, load, sum, late, and what sum waits for.
  assertEquals(counts, [
    [3, 5, 0, 2, 1, ["load"]],
    [2, 4, 0, 1, 1, ["load"]],
    [1, 2, 0, 0, 1, []],
    [0, 2, 0, 0, 0, []],
  ]);
});

Deno.test("Scheduler.statistics() shows the last five futures, whatever became of them", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => {
    if (n === 6) throw new RangeError("six");
    return n;
  }, { name: "count" });
  scheduler.onStart(() => {
    for (let n = 1; n <= 7; n++) task.submit(n);
    task.submit(8).cancel();
  });
  assertEquals(scheduler.statistics().recentFutures, []);
  await scheduler.run({ onException: { tasks: "ignore" } });
  const shown = scheduler.statistics().recentFutures.map(({ args, state, error, runningTime }) => [
    args,
    state,
    error,
    typeof runningTime,
  ]);
  assertEquals(shown, [
    ["3", "result", undefined, "number"],
    ["4", "result", undefined, "number"],
    ["5", "result", undefined, "number"],
    ["6", "exception", "RangeError: six", "number"],
    ["7", "result", undefined, "number"],
  ]);
});

Deno.test("Scheduler keeps no large argument or result of the last futures alive", async () => {
  const scheduler = Scheduler.withSequential();
  const collected: string[] = [];
  const registry = new FinalizationRegistry((name: string) => collected.push(name));
  const tracked = (name: string) => {
    const value = { name };
    registry.register(value, name);
    return value;
  };
  scheduler.onStart(() => {
    scheduler.submit(() => tracked("result"));
    scheduler.submit((_: object) => {}, tracked("argument"));
    scheduler.submit(() => {
      throw Object.assign(new Error("no"), { cause: tracked("cause") });
    });
  });
  await scheduler.run({ onException: "ignore" });
  while (collected.length < 3) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(collected.sort(), ["argument", "cause", "result"]);
  const states = scheduler.statistics().recentFutures.map(({ state }) => state);
  assertEquals(states, ["result", "result", "exception"]);
});

Deno.test("Task.statistics() shows how long its calls run", async () => {
  const scheduler = Scheduler.withSequential();
  const slow = scheduler.task(() => {
    for (const start = performance.now(); performance.now() - start < 5;);
  });
  const fast = scheduler.task(() => {});
  scheduler.onStart(() => {
    slow.submit();
    // Their median is quick, though the machine may keep some of them waiting.
    for (let n = 0; n < 21; n++) fast.submit();
  });
  assertEquals(slow.statistics().runningTime, { median: undefined, p99: undefined });
  await scheduler.run();
  const { median = 0 } = slow.statistics().runningTime;
  assertGreater(median, 4.9);
  assertGreater(median, fast.statistics().runningTime.median ?? Infinity);
});

Deno.test("Scheduler.statistics() shows for how long the run has been under way", async () => {
  const scheduler = Scheduler.withSequential();
  assertEquals(scheduler.statistics().elapsed, undefined);
  for (let run = 0; run < 2; run++) {
    const began = performance.now();
    let during = -1;
    scheduler.onStart(() => {
      during = scheduler.statistics().elapsed ?? -1;
    }, { limit: 1 });
    await scheduler.run();
    const { elapsed = -1 } = scheduler.statistics();
    assert(during >= 0 && during <= elapsed && elapsed <= performance.now() - began);
    assertEquals(scheduler.statistics().elapsed, elapsed);
  }
});
