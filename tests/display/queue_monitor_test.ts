// What a QueueMonitor records of schedulers.
import {
  type Executor,
  type Future,
  QueueMonitor,
  Retry,
  Scheduler,
  type WorkerStatistics,
} from "@amltk/scheduling";
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { actWhen } from "../fixtures/act_when.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { makers } from "../fixtures/makers.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";

const { losing: LOSING, all: ALL } = makers(BATCH);

const endless = () => new Promise<never>(() => {});
const settled = (future: PromiseLike<unknown>) => Promise.resolve(future).catch(() => {});
const IGNORE = { onException: { tasks: "ignore" } } as const;

/** The records without their times: queueSize, queued, running, idle, finished, failed, cancelled. */
function states(monitor: QueueMonitor): number[][] {
  return monitor.records.map(({ time: _, ...state }) => Object.values(state));
}

/** Lets two events differ in time, so that a start between them has a record. */
function pass(): void {
  const since = performance.now();
  while (performance.now() - since < 0.5);
}

Deno.test("QueueMonitor records the state at each event", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  assertEquals([monitor.records, monitor.origin], [[], undefined]);
  scheduler.onStart(() => {
    const futures = [1, 2, 3].map((n) => scheduler.submit((n: number) => n, n));
    const [first, second] = executor.calls;
    pass();
    first?.started();
    pass();
    first?.succeed(1);
    pass();
    second?.started();
    pass();
    second?.fail(undefined);
    futures[2]?.cancel();
  });
  await scheduler.run(IGNORE);
  assertEquals(states(monitor), [
    [0, 0, 0, 1, 0, 0, 0], // start
    [1, 1, 0, 1, 0, 0, 0], // future-submitted
    [2, 2, 0, 1, 0, 0, 0],
    [3, 3, 0, 1, 0, 0, 0],
    [3, 2, 1, 0, 0, 0, 0], // the first call starts
    [2, 2, 0, 1, 1, 0, 0], // future-done
    [2, 1, 1, 0, 1, 0, 0], // the second call starts
    [1, 1, 0, 1, 1, 1, 0], // future-done, with undefined as the error
    [0, 0, 0, 1, 1, 1, 1], // future-cancelled
    [0, 0, 0, 1, 1, 1, 1], // finishing
    [0, 0, 0, 0, 1, 1, 1], // finished
  ]);
  const times = monitor.records.map(({ time }) => time);
  assertEquals(times[0], 0);
  assertEquals(times, times.toSorted((a, b) => a - b));
});

Deno.test("QueueMonitor counts from the first record", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  let future: Future<unknown> | undefined;
  scheduler.onStart(() => {
    future = scheduler.submit(() => 1);
    executor.calls[0]?.started(undefined, 4);
    executor.calls[0]?.succeed(1);
  });
  await scheduler.run();
  const { origin = NaN } = monitor;
  const [call] = monitor.calls;
  assert(future?.startedAt !== undefined && future.settledAt !== undefined);
  assertEquals(call, {
    task: future.taskName,
    future: future.id,
    worker: 4,
    attempt: 1,
    start: future.startedAt - origin,
    end: future.settledAt - origin,
    outcome: "result",
    count: 1,
    runningTime: future.settledAt - origin - (future.startedAt - origin),
  });
});

for (const [name, make] of Object.entries(ALL)) {
  Deno.test(`${name}: QueueMonitor sees running calls and idle workers`, async () => {
    const scheduler = make(2);
    const monitor = new QueueMonitor(scheduler);
    const { workerCount } = scheduler.executor;
    let running: unknown;
    scheduler.onStart(() => {
      const futures = [1, 2, 3].map(() => scheduler.submit(endless));
      const areRunning = () =>
        futures.filter(({ state }) => state === "running").length === workerCount;
      actWhen(scheduler, areRunning, () => {
        monitor.update();
        running = monitor.calls.map(({ task, worker, outcome }) => [task, worker, outcome]);
        for (const future of futures) future.cancel();
      });
    });
    await scheduler.run();
    const peak = monitor.records.filter((record) => record.running === workerCount);
    assertEquals([peak[0]?.queueSize, peak[0]?.queued, peak[0]?.idle], [3, 3 - workerCount, 0]);
    const numbers = [1, 2].slice(0, workerCount);
    assertEquals(running, numbers.map((number) => ["endless", number, "running"]));
    const ended = monitor.calls.map(({ worker, outcome }) => [worker, outcome]);
    assertEquals(ended.sort(), numbers.map((number) => [number, "cancelled"]));
    const { queueSize, cancelled } = monitor.records.at(-1) ?? {};
    assertEquals([queueSize, cancelled], [0, 3]);
  });

  Deno.test(`${name}: QueueMonitor records each attempt`, async () => {
    const scheduler = make(1);
    const monitor = new QueueMonitor(scheduler);
    const plugins = new Retry({ maxAttempts: 3, backoff: 0, retryIf: () => true });
    const task = scheduler.task((n: number) => {
      if (n < 0) throw new RangeError(`${n}`);
    }, { name: "positive", plugins });
    scheduler.onStart(async () => {
      for (const n of [-1, 1]) await settled(task.submit(n));
    });
    await scheduler.run(IGNORE);
    const attempts = monitor.calls.map(({ task, attempt, outcome, worker }) =>
      [task, attempt, outcome, worker].join(" ")
    );
    assertEquals(attempts, [
      "positive 1 retried 1",
      "positive 2 retried 1",
      "positive 3 exception 1",
      "positive 1 result 1",
    ]);
    const { finished, failed } = monitor.records.at(-1) ?? {};
    assertEquals([finished, failed], [1, 1]);
  });

  Deno.test(`${name}: QueueMonitor records the calls of a worker one after the other`, async () => {
    const scheduler = make(2);
    const monitor = new QueueMonitor(scheduler);
    const task = scheduler.task((n: number) => n);
    scheduler.onStart(() => {
      for (let n = 0; n < 500; n++) task.submit(n);
    });
    await scheduler.run();
    const { calls } = monitor;
    assertEquals(calls.length, 500);
    for (const number of new Set(calls.map(({ worker }) => worker))) {
      const own = calls.filter(({ worker }) => worker === number);
      own.forEach(({ start, end }, index) => {
        assert(start <= end && end <= (own[index + 1]?.start ?? Infinity), `call ${index}`);
      });
    }
  });
}

for (const [name, make] of Object.entries(LOSING)) {
  Deno.test(`${name}: QueueMonitor records the loss of a worker during a call`, async () => {
    const scheduler = make(1);
    const monitor = new QueueMonitor(scheduler);
    const plugins = new Retry({ maxAttempts: 2, backoff: 0 });
    const task = scheduler.task(() => Deno.exit(3), { name: "exit", plugins });
    await during(scheduler, () => settled(task.submit()), IGNORE);
    const outcomes = monitor.calls.map(({ worker, attempt, outcome }) =>
      `worker ${worker}, attempt ${attempt}: ${outcome}`
    );
    assertEquals(outcomes, ["worker 1, attempt 1: retried", "worker 1, attempt 2: lost"]);
    const { calls, losses } = monitor;
    assertEquals(losses.map(({ worker, count }) => [worker, count]), [[1, 1], [1, 1]]);
    losses.forEach(({ time }, index) => {
      const { end = NaN } = calls[index] ?? {};
      assert(end <= time, `${index}: ${end} ${time}`);
    });
  });

  Deno.test(`${name}: QueueMonitor records the loss of an idle worker`, async () => {
    const scheduler = make(1);
    const monitor = new QueueMonitor(scheduler);
    await during(scheduler, async () => {
      await scheduler.submit(() => void setTimeout(() => Deno.exit(3), 1));
      while (scheduler.statistics().workers[0]?.losses !== 1) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await scheduler.submit(() => 1);
    });
    assertEquals(monitor.calls.map(({ outcome }) => outcome), ["result", "result"]);
    const [loss, ...others] = monitor.losses;
    assertEquals([loss?.worker, loss?.count, others], [1, 1, []]);
  });
}

Deno.test("QueueMonitor makes one record of an attempt before a cancellation", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  const plugins = new Retry({ maxAttempts: 2, backoff: 60_000, retryIf: () => true });
  const task = scheduler.task(() => {
    throw new RangeError("no");
  }, { plugins });
  task.on("retry", (future) => void scheduler.callLater(1, () => future.cancel()));
  scheduler.onStart(() => void task.submit());
  await scheduler.run();
  assertEquals(monitor.calls.map(({ outcome }) => outcome), ["retried"]);
  assertEquals(monitor.records.at(-1)?.cancelled, 1);
});

Deno.test("QueueMonitor ignores an event of a plugin that is named retry too", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  const plugin = { name: "other", events: ["retry"] } as const;
  const task = scheduler.task(() => {}, { plugins: plugin });
  scheduler.onStart(() => {
    task.emit("retry" as never, ...["soon"] as never);
    task.submit();
  });
  await scheduler.run();
  assertEquals(monitor.calls.map(({ attempt, outcome }) => [attempt, outcome]), [[1, "result"]]);
});

Deno.test("QueueMonitor continues over several runs, with no idle worker in between", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => void scheduler.submit(() => 1));
  for (let run = 0; run < 3; run++) {
    await scheduler.run();
    pass();
  }
  const { records } = monitor;
  assertEquals(records.at(-1)?.finished, 3);
  const between = records.filter(({ idle, running }) => idle + running === 0);
  assertEquals(between.length, 3);
  assertEquals(monitor.calls.length, 3);
  const starts = records.filter(({ time }, index) => {
    const before = records[index - 1];
    return before !== undefined && before.idle + before.running === 0 && time > before.time;
  });
  assertEquals(starts.map(({ queueSize, idle }) => [queueSize, idle]), [[0, 1], [0, 1]]);
});

Deno.test("QueueMonitor records a run that is under way at once", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  let monitor: QueueMonitor | undefined;
  scheduler.onStart(() => {
    const future = scheduler.submit(() => 1);
    executor.calls[0]?.started();
    monitor = new QueueMonitor(scheduler);
    assertEquals(states(monitor), [[1, 0, 1, 0, 0, 0, 0]]);
    future.cancel();
  });
  await scheduler.run();
  assert((monitor?.calls[0]?.start ?? NaN) < 0);
});

Deno.test("QueueMonitor sees calls of a callback that is before its own", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => void scheduler.submit(() => 1));
  const monitor = new QueueMonitor(scheduler);
  await scheduler.run();
  assertEquals(monitor.records[0]?.idle, 1);
});

Deno.test("QueueMonitor records no idle workers of an executor without a maximum", async () => {
  const executor = Object.assign(new ManualExecutor(), { workerCount: Infinity });
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => {
    scheduler.submit(() => 1).cancel();
  });
  await scheduler.run();
  assertEquals(new Set(monitor.records.map(({ idle }) => idle)), new Set([0]));
});

Deno.test("QueueMonitor survives an executor whose workers() throws", async () => {
  class BrokenExecutor extends ManualExecutor implements Executor {
    workers(): WorkerStatistics[] {
      throw new RangeError("no workers");
    }
  }
  const executor = new BrokenExecutor();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
    executor.calls[0]?.succeed(1);
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals(monitor.records.at(-1)?.finished, 1);
});

Deno.test("QueueMonitor.toJSON() has records and calls of the same moment", async () => {
  class Starting extends ManualExecutor implements Executor {
    looksUntilStart = Infinity;
    readonly startedAt = performance.now();
    workers(): WorkerStatistics[] {
      const [{ id: future = 0, name: task = "" } = {}] = this.calls;
      const call = --this.looksUntilStart < 0
        ? { task, future, startedAt: this.startedAt }
        : undefined;
      return [{ number: 1, state: "busy", call, callsDone: 0, starts: 1, losses: 0 }];
    }
  }
  const executor = new Starting();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  const running: number[][] = [];
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
    // The call starts right after the next look.
    executor.looksUntilStart = 1;
    for (let look = 0; look < 2; look++) {
      const { records, calls } = monitor.toJSON();
      running.push([calls.length, records.at(-1)?.running ?? NaN]);
      monitor.update();
    }
    executor.calls[0]?.succeed(1);
  });
  await scheduler.run();
  assertEquals(running, [[0, 0], [1, 1]]);
});

Deno.test("QueueMonitor stops when it is disposed of, and keeps its records", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  const task = scheduler.task(() => 1, { plugins: new Retry({ maxAttempts: 2 }) });
  scheduler.onStart(() => void task.submit());
  await scheduler.run();
  const { records, calls } = monitor;
  monitor[Symbol.dispose]();
  monitor[Symbol.dispose]();
  for (const name of ["start", "future-submitted", "future-done", "finished"] as const) {
    assertEquals(scheduler.hears(name), name === "start", name);
  }
  assertEquals(task.hears("retry"), false);
  await scheduler.run();
  monitor.update();
  assertEquals([monitor.records, monitor.calls], [records, calls]);
});

Deno.test("QueueMonitor leaves no trace in the tree and the counts", async () => {
  const make = () => {
    const scheduler = Scheduler.withSequential();
    scheduler.task(() => 1, { name: "one", plugins: new Retry({ maxAttempts: 2 }) });
    return scheduler;
  };
  const [plain, watched] = [make(), make()];
  new QueueMonitor(watched);
  assertEquals(watched.toString(), plain.toString());
  await Promise.all([plain.run(), watched.run()]);
  assertEquals(watched.eventCounts, plain.eventCounts);
  assertEquals(watched.statistics().events, plain.statistics().events);
});

Deno.test("QueueMonitor.update() does nothing without a run", () => {
  const monitor = new QueueMonitor(Scheduler.withSequential());
  monitor.update();
  assertEquals(monitor.records, []);
});

Deno.test("QueueMonitor.toCSV() has a header and a line for each record", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
    executor.calls[0]?.succeed(1);
  });
  await scheduler.run();
  const [header, ...lines] = monitor.toCSV().split("\r\n");
  assertEquals(header, "time,queueSize,queued,running,idle,finished,failed,cancelled");
  assertEquals(lines.pop(), "");
  assertEquals(lines.length, monitor.records.length);
  assertEquals(lines[0], "0,0,0,0,1,0,0,0");
  lines.forEach((line, index) => {
    const values = Object.values(monitor.records[index] ?? {});
    assertEquals(line.split(",").map(Number), values.map((value) => Number(value.toFixed(3))));
  });
});

Deno.test("QueueMonitor stays within its bound for a million calls", async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const monitor = new QueueMonitor(scheduler, { maxRecords: 1000 });
  const task = scheduler.task((n: number) => n);
  const chunks = 2000;
  const size = 500;
  const most = { records: 0, calls: 0 };
  scheduler.onStart(async () => {
    for (let chunk = 0; chunk < chunks; chunk++) {
      // One chunk has the longest queue of all.
      const more = chunk === 700 ? 123 : 0;
      for (let n = 0; n < size + more; n++) task.submit(n);
      for (const call of executor.calls.splice(0)) {
        call.started(undefined, 1);
        if (call.args[0] === size + more - 1) call.fail(new RangeError("the last one"));
        else call.succeed(1);
      }
      if (chunk % 100 > 0) continue;
      most.records = Math.max(most.records, monitor.records.length);
      most.calls = Math.max(most.calls, monitor.calls.length);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  });
  await scheduler.run(IGNORE);
  const { records, calls } = monitor;
  assertLess(Math.max(most.records, records.length), 1001);
  assertLess(Math.max(most.calls, calls.length), 1001);
  assertEquals(Math.max(...records.map(({ queueSize }) => queueSize)), size + 123);
  assertEquals(records.at(-1)?.finished, chunks * (size - 1) + 123);
  assertEquals(records.at(-1)?.failed, chunks);
  const counted = (outcome: string) =>
    calls.filter((call) => call.outcome === outcome).reduce((sum, { count }) => sum + count, 0);
  assertEquals([counted("result"), counted("exception")], [chunks * (size - 1) + 123, chunks]);
});

Deno.test("QueueMonitor refuses what is no scheduler and bad options", () => {
  const scheduler = Scheduler.withSequential();
  const make = (...args: unknown[]) => () => Reflect.construct(QueueMonitor, args);
  assertThrows(make({}), TypeError, "A QueueMonitor takes a scheduler, not an object of Object");
  assertThrows(make(), TypeError, "A QueueMonitor takes a scheduler, not undefined");
  assertThrows(make(scheduler, { max: 1 }), TypeError, `A QueueMonitor has no option "max"`);
  assertThrows(make(scheduler, { maxRecords: "9" }), TypeError, "maxRecords must be a number");
  assertThrows(make(scheduler, { maxRecords: 1.5 }), RangeError, "a positive integer, not 1.5");
  assertThrows(make(scheduler, { maxRecords: 99 }), RangeError, "at least 100, not 99");
});

Deno.test("QueueMonitor is shown by its numbers of records", () => {
  const monitor = new QueueMonitor(Scheduler.withSequential());
  assertEquals(Deno.inspect(monitor), "QueueMonitor { records: 0, calls: 0, losses: 0 }");
});
