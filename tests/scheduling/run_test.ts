import {
  type ErrorPolicy,
  type ExitState,
  FutureCancelledError,
  type RunOptions,
  Scheduler,
  SchedulerAlreadyRunningError,
  SchedulerNotRunningError,
} from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";
import { newGate, open, waitAt } from "../fixtures/gate.ts";
import { traceOf } from "../fixtures/trace.ts";

const same = (n: number) => n;
const fail = (message: string) => {
  throw new RangeError(message);
};
const never = () => new Promise<never>(() => {});

function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

// --- options

Deno.test("run() refuses bad and unknown options before any event", async () => {
  const cases: [Record<string, unknown>, typeof TypeError | typeof RangeError, string][] = [
    [{ timeout: -1 }, RangeError, "timeout must be 0 or more milliseconds, not -1"],
    [{ timeout: NaN }, RangeError, "timeout must be 0 or more milliseconds, not NaN"],
    [{ timeout: "1" }, TypeError, 'timeout must be a number, not "1"'],
    [{ timeOut: 1 }, TypeError, 'run() has no option "timeOut": it has timeout, endOnEmpty'],
    [{ wait: "some" }, TypeError, 'wait must be true, false, "all" or milliseconds, not "some"'],
    [{ wait: -1 }, RangeError, "wait must be 0 or more milliseconds, not -1"],
    [{ endOnEmpty: 0 }, TypeError, "endOnEmpty must be true or false, not 0"],
    [{ onException: "stop" }, TypeError, 'onException must be "raise", "end" or "ignore"'],
    [
      { onException: [["x", "end"]] },
      TypeError,
      'onException[0] must be a pair such as [RangeError, "ignore"], not ["x", "end"]',
    ],
    [{ onException: [[Error, "x"]] }, TypeError, "The action of onException[0] must be"],
    [{ onException: { task: "end" } }, TypeError, 'onException has no option "task": it has tasks'],
    [
      { onException: { run: "x" } },
      TypeError,
      'onException.run must be "raise", "end" or "ignore"',
    ],
    [{ onException: { tasks: [[1, "end"]] } }, TypeError, "onException.tasks[0] must be a pair"],
    [{ onCancelled: [] }, TypeError, 'onCancelled must be "raise", "end" or "ignore", not'],
    [{ signal: 1 }, TypeError, "signal must be an AbortSignal, not 1"],
    [{ handleSignals: 1 }, TypeError, "handleSignals must be true or false, not 1"],
  ];
  const scheduler = Scheduler.withSequential();
  for (const [options, type, message] of cases) {
    await assertRejects(() => scheduler.run(options as RunOptions), type, message);
  }
  assertEquals(Object.values(scheduler.eventCounts).every((count) => count === 0), true);
});

Deno.test("run() rejects during a run, which continues", async () => {
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run();
  await assertRejects(() => scheduler.run(), SchedulerAlreadyRunningError);
  assertEquals((await run).code, "exhausted");
});

Deno.test("run() emits start synchronously, and running becomes true", async () => {
  const scheduler = Scheduler.withSequential();
  assertEquals(scheduler.running, false);
  const run = scheduler.run();
  assertEquals([scheduler.eventCounts.start, scheduler.running], [1, true]);
  await run;
  assertEquals(scheduler.running, false);
});

Deno.test("submit() and callLater() throw when no run takes submissions", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(same);
  const attempts = () => {
    assertThrows(() => task.submit(1), SchedulerNotRunningError);
    assertThrows(() => scheduler.submit(same, 1), SchedulerNotRunningError);
    assertThrows(() => scheduler.callLater(1, () => {}), SchedulerNotRunningError);
  };
  attempts();
  for (const event of ["finishing", "finished", "stop"] as const) scheduler.on(event, attempts);
  scheduler.onStart(scheduler.stop);
  await scheduler.run();
  attempts();
  assertEquals(scheduler.eventCounts["future-submitted"], 0);
});

// --- ends

Deno.test("stop() passes message and exception on; the first call wins", async () => {
  const scheduler = Scheduler.withSequential();
  const stops: unknown[][] = [];
  scheduler.onStop((...args) => stops.push(args));
  const exception = new RangeError("enough");
  scheduler.onStart(() => {
    scheduler.stop({ message: "done", exception });
    scheduler.stop({ message: "again" });
  });
  const exit = await scheduler.run({ onException: "ignore" });
  assertEquals(exit, { code: "stopped", message: "done", exception, runaways: 0 });
  assertEquals(stops, [["done", exception]]);
  scheduler.stop();
  assertEquals(scheduler.eventCounts.stop, 1);
});

Deno.test("stop({ exception }) makes the run reject under raise", async () => {
  const scheduler = Scheduler.withSequential();
  const exception = new RangeError("enough");
  scheduler.onStart(() => scheduler.stop({ exception }));
  assertEquals(await assertRejects(() => scheduler.run()), exception);
});

Deno.test("stop reads a single string, error or plain object of its keys", async () => {
  const error = new RangeError("read");
  const calls: [args: unknown[], message?: string | undefined, exception?: unknown][] = [
    [[]],
    [["read"], "read"],
    [[error], undefined, error],
    [[{ message: "read" }], "read"],
    [[{ message: "read", exception: 1 }], "read", 1],
    [[{ exception: error }], undefined, error],
    [[{ message: "not read", more: 1 }]],
    [["not read", 1]],
    [[error, 1]],
    [[{ message: "not read" }, 1]],
    [[{ message: 5 }]],
    [[5]],
  ];
  for (const [args, message, exception] of calls) {
    const scheduler = Scheduler.withSequential();
    const stops: unknown[][] = [];
    scheduler.onStop((...args) => stops.push(args));
    scheduler.onStart(() => scheduler.stop(...args));
    const exit = await scheduler.run({ onException: "end" });
    const given = exception === undefined ? [] : [exception];
    assertEquals(stops, [[message ?? "stop() was called", ...given]]);
    assertEquals([exit.message, exit.exception], [message, exception]);
  }
});

Deno.test("stop goes before exhausted, and exhausted before timeout", async () => {
  const stopped = Scheduler.withSequential();
  stopped.onEmpty(stopped.stop);
  assertEquals((await stopped.run({ timeout: 0 })).code, "stopped");

  const exhausted = Scheduler.withSequential();
  const trace = traceOf(exhausted);
  assertEquals((await exhausted.run({ timeout: 0 })).code, "exhausted");
  assertEquals(trace, ["start", "empty", "finishing", "finished"]);
});

Deno.test("run() with endOnEmpty: false emits empty once and continues", async () => {
  const scheduler = Scheduler.withSequential();
  const trace = traceOf(scheduler);
  assertEquals((await scheduler.run({ endOnEmpty: false, timeout: 30 })).code, "timeout");
  assertEquals(trace, ["start", "empty", "timeout", "finishing", "finished"]);
});

Deno.test("A loop that submits on each result ends by timeout", async () => {
  for (const make of [() => Scheduler.withSequential(), () => Scheduler.withWorkers(2, BATCH)]) {
    let results = 0;
    // Workers may take longer to start.
    for (let timeout = 100; results < 2 && timeout < 60_000; timeout *= 2) {
      results = await resultsOfLoop(make(), timeout);
    }
    assert(results > 1);
  }
});

/** Runs a loop until its timeout; returns how many results it had. */
async function resultsOfLoop(scheduler: Scheduler, timeout: number): Promise<number> {
  const task = scheduler.task(same);
  scheduler.onStart(() => {
    task.submit(1);
  });
  task.onResult((_future, n) => task.submit(n));
  assertEquals(await scheduler.run({ timeout }), { code: "timeout", runaways: 0 });
  const { submitted = 0, result = 0, cancelled = 0 } = task.eventCounts;
  assertEquals(result + cancelled, submitted);
  return result;
}

Deno.test("a scheduler can run again, and its counts go on", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(same);
  scheduler.onStart(() => {
    task.submit(1);
  });
  const codes: string[] = [];
  for (let n = 0; n < 3; n++) codes.push((await scheduler.run()).code);
  assertEquals(codes, ["exhausted", "exhausted", "exhausted"]);
  assertEquals([scheduler.eventCounts.finished, task.eventCounts.result], [3, 3]);
});

// --- wait

async function endWith(wait: boolean | "all"): Promise<Record<string, number>> {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const slow = scheduler.task(waitAt);
  const gate = newGate();
  scheduler.onStart(() => {
    const first = slow.submit(gate);
    for (let n = 0; n < 3; n++) slow.submit(gate);
    scheduler.callLater(1, function stopWhenRunning() {
      if (first.state === "running") scheduler.stop();
      else scheduler.callLater(1, stopWhenRunning);
    });
  });
  // Before it waits for what runs.
  if (wait !== false) scheduler.onFinishing(() => open(gate));
  const exit = await scheduler.run({ wait });
  assertEquals(exit, { code: "stopped", runaways: 0 });
  assertEquals(scheduler.queue.size, 0);
  return slow.eventCounts;
}

Deno.test("wait: true lets running tasks finish and cancels queued ones", async () => {
  const { result, cancelled } = await endWith(true);
  assertEquals([result, cancelled], [1, 3]);
});

Deno.test('wait: "all" runs queued ones too', async () => {
  const { result, cancelled } = await endWith("all");
  assertEquals([result, cancelled], [4, 0]);
});

Deno.test("wait: false cancels everything", async () => {
  const { result, cancelled } = await endWith(false);
  assertEquals([result, cancelled], [0, 4]);
});

Deno.test('wait: "all" runs what was submitted in the very event that stopped the run', async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(same);
  scheduler.onStart(() => {
    task.submit(1);
  });
  scheduler.onFutureSubmitted(scheduler.stop);
  await scheduler.run({ wait: "all" });
  assertEquals(task.eventCounts.result, 1);
});

// --- errors

Deno.test("onException decides about errors of tasks, sync and async callbacks, and callLater", async () => {
  const sources: Record<string, (scheduler: Scheduler) => void> = {
    task: (scheduler) => void scheduler.submit(fail, "x"),
    callback: (scheduler) => void scheduler.onEmpty(() => fail("x"), { limit: 1 }),
    asyncCallback: (scheduler) =>
      void scheduler.onEmpty(async () => {
        await macrotask();
        fail("x");
      }, { limit: 1 }),
    later: (scheduler) => {
      const future = scheduler.submit(never);
      scheduler.callLater(0, () => {
        future.cancel();
        fail("x");
      });
    },
  };
  for (const [source, start] of Object.entries(sources)) {
    const run = (onException: ErrorPolicy): Promise<ExitState> => {
      const scheduler = Scheduler.withSequential();
      scheduler.onStart(() => start(scheduler));
      return scheduler.run({ onException });
    };
    await assertRejects(() => run("raise"), RangeError, "x", source);
    const ended = await run("end");
    assertEquals(ended.code, "exception", source);
    assertInstanceOf(ended.exception, RangeError);
    assertEquals(await run("ignore"), { code: "exhausted", runaways: 0 }, source);
    await assertRejects(() => run([[TypeError, "ignore"]]), RangeError, "x", source);
    assertEquals((await run([[TypeError, "end"], [Error, "ignore"]])).code, "exhausted", source);
  }
});

Deno.test("a raise during the drain rejects, and leaves the first reason", async () => {
  const scheduler = Scheduler.withSequential();
  const trace = traceOf(scheduler);
  scheduler.onStart(() => {
    scheduler.submit(fail, "late");
    scheduler.stop();
  });
  await assertRejects(() => scheduler.run({ wait: "all" }), RangeError, "late");
  assertEquals(trace.filter((event) => event === "stop").length, 1);
});

Deno.test("run() raises a task's failure before its callback's error", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    scheduler.submit(fail, "task");
  });
  scheduler.onFutureException(() => {
    throw new TypeError("callback");
  });
  await assertRejects(() => scheduler.run(), RangeError, "task");
});

Deno.test("A callback that throws hides no other callback", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(same);
  const seen: string[] = [];
  scheduler.onStart(() => {
    task.submit(1);
  });
  task.onResult(() => fail("first"));
  task.onResult(() => seen.push("second"));
  await assertRejects(() => scheduler.run(), RangeError, "first");
  assertEquals([seen, scheduler.queue.size, task.queue.size], [["second"], 0, 0] as never);
});

Deno.test("onCancelled applies to cancel(), not to the run's end", async () => {
  const run = (onCancelled: "raise" | "end" | "ignore", byOwner: boolean) => {
    const scheduler = Scheduler.withSequential();
    scheduler.onStart(() => {
      const future = scheduler.submit(never);
      if (byOwner) future.cancel();
      else scheduler.stop();
    });
    return scheduler.run({ onCancelled, wait: false });
  };
  await assertRejects(() => run("raise", true), FutureCancelledError);
  const ended = await run("end", true);
  assertEquals(ended.code, "cancelled");
  assertInstanceOf(ended.exception, FutureCancelledError);
  assertEquals((await run("ignore", true)).code, "exhausted");
  for (const action of ["raise", "end", "ignore"] as const) {
    assertEquals((await run(action, false)).code, "stopped");
  }
});

// --- callbacks

Deno.test("a callback's future is neither awaited nor judged", async () => {
  for (const kind of ["success", "failure", "cancelled"] as const) {
    const scheduler = Scheduler.withSequential();
    const work = scheduler.task((n: number) => n === 0 ? n : kind === "failure" ? fail("x") : n);
    let judged = 0;
    scheduler.onStart(() => work.submit(0));
    work.onResult((_future, n) => {
      if (n > 0) return;
      const future = work.submit(n + 1);
      if (kind === "cancelled") future.cancel();
      return future;
    });
    scheduler.onFutureException(() => judged++);
    const exit = await scheduler.run({ onException: "end", onCancelled: "ignore" });
    assertEquals(exit.code, kind === "failure" ? "exception" : "exhausted", kind);
    assertEquals(judged, kind === "failure" ? 1 : 0);
  }
});

Deno.test("onException judges an error once, even if a callback rethrows", async () => {
  const scheduler = Scheduler.withSequential();
  const stops: unknown[] = [];
  scheduler.onStop((_message, error) => stops.push(error));
  scheduler.onStart(async () => {
    await scheduler.submit(fail, "once");
  });
  const exit = await scheduler.run({ onException: [[RangeError, "ignore"], [Error, "end"]] });
  assertEquals([exit.code, stops.length], ["exhausted", 0]);

  const cancelling = Scheduler.withSequential();
  cancelling.onStart(async () => {
    const future = cancelling.submit(never);
    future.cancel();
    await future;
  });
  assertEquals((await cancelling.run({ onException: "raise" })).code, "exhausted");
});

Deno.test("onException ignores callbacks that await a future cancelled at end", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(async () => {
    scheduler.callLater(5, scheduler.stop);
    await scheduler.submit(never);
  });
  assertEquals((await scheduler.run({ wait: false })).code, "stopped");
});

Deno.test("run() neither empties nor finishes with pending async callbacks", async () => {
  const scheduler = Scheduler.withSequential();
  const trace = traceOf(scheduler);
  const linger = async (name: string) => {
    await macrotask();
    await macrotask();
    trace.push(`${name} callback`);
  };
  scheduler.onStart(() => linger("start"));
  scheduler.onEmpty(() => linger("empty"));
  scheduler.onFinishing(() => linger("finishing"));
  scheduler.onFinished(() => linger("finished"));
  await scheduler.run();
  trace.push("run() returned");
  assertEquals(trace, [
    "start",
    "start callback",
    "empty",
    "empty callback",
    "finishing",
    "finishing callback",
    "finished",
    "finished callback",
    "run() returned",
  ]);
});

Deno.test("once() rejects when the run ends without the event", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(same);
  const result = task.once("result");
  const finished = scheduler.once("finished");
  const unheard = [scheduler.once("timeout"), task.once("exception")];
  scheduler.onStart(() => {
    task.submit(7);
  });
  await scheduler.run();
  assertEquals((await result)[1], 7);
  assertEquals(await finished, []);
  for (const promise of unheard) await assertRejects(() => promise, SchedulerNotRunningError);
});

Deno.test("A callback that awaits a missed event is no error", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(async () => {
    scheduler.callLater(5, scheduler.stop);
    await scheduler.once("timeout");
  });
  scheduler.onFinishing(async () => {
    await macrotask();
    await scheduler.once("future-result");
  });
  assertEquals((await scheduler.run()).code, "stopped");
});

Deno.test("stream() yields every emission and ends with the run", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(same);
  const results: number[] = [];
  const reading = (async () => {
    for await (const [, n] of task.stream("result")) results.push(n);
  })();
  scheduler.onStart(() => {
    for (let n = 0; n < 5; n++) task.submit(n);
  });
  await scheduler.run();
  await reading;
  assertEquals(results, [0, 1, 2, 3, 4]);
});

// --- abort

Deno.test("An abort emits stop, then rejects with the reason", async () => {
  for (const scheduler of [Scheduler.withSequential(), Scheduler.withWorkers(1, BATCH)]) {
    const trace = traceOf(scheduler);
    const abort = new AbortController();
    const reason = new RangeError("no more");
    scheduler.onStart(() => {
      scheduler.submit(never);
      scheduler.callLater(50, () => abort.abort(reason));
      return never();
    });
    assertEquals(await assertRejects(() => scheduler.run({ signal: abort.signal })), reason);
    assertEquals(trace, [
      "start",
      "future-submitted",
      "stop",
      "finishing",
      "future-cancelled",
      "finished",
    ]);
  }
});

Deno.test("an abort cuts a drain short", async () => {
  const scheduler = Scheduler.withSequential();
  const abort = new AbortController();
  scheduler.onStart(() => {
    const future = scheduler.submit(never);
    scheduler.callLater(1, function stopWhenRunning() {
      if (future.state !== "running") {
        scheduler.callLater(1, stopWhenRunning);
      } else {
        scheduler.stop();
        setTimeout(() => abort.abort(), 5);
      }
    });
  });
  const error = await assertRejects(() => scheduler.run({ signal: abort.signal }), DOMException);
  assertEquals(error.name, "AbortError");
  assertEquals(scheduler.eventCounts["future-cancelled"], 1);
});

Deno.test("a signal that is aborted already rejects before any event", async () => {
  const scheduler = Scheduler.withSequential();
  await assertRejects(() => scheduler.run({ signal: AbortSignal.abort() }), DOMException);
  assertEquals(scheduler.eventCounts.start, 0);
});

Deno.test("with({ signal }) cancels its futures alone, with one listener for all", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const abort = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = abort.signal;
  abort.signal.addEventListener = function (...args: Parameters<typeof addEventListener>) {
    listeners++;
    addEventListener.apply(this, args);
  };
  abort.signal.removeEventListener = function (...args: Parameters<typeof removeEventListener>) {
    listeners--;
    removeEventListener.apply(this, args);
  };
  scheduler.onStart(() => {
    const futures = [1, 2, 3].map((n) => task.with({ signal: abort.signal }).submit(n));
    task.submit(4);
    assertEquals(listeners, 1);
    abort.abort("enough");
    assertEquals(futures.map((future) => future.state), ["cancelled", "cancelled", "cancelled"]);
    assertEquals((futures[0]?.exception as Error).cause, "enough");
    const late = task.with({ signal: abort.signal }).submit(5);
    assertEquals(late.state, "cancelled");
  });
  await scheduler.run();
  assertEquals([listeners, task.eventCounts.result], [0, 1]);
});

// --- callLater

Deno.test("callLater() calls with arguments, can be cancelled, and keeps no run alive", async () => {
  const scheduler = Scheduler.withSequential();
  const calls: string[] = [];
  scheduler.onStart(async () => {
    scheduler.callLater(1, (a: string, b: number) => calls.push(`${a}${b}`), "x", 1);
    scheduler.callLater(1, () => calls.push("cancelled")).cancel();
    {
      using _handle = scheduler.callLater(1, () => calls.push("disposed"));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    scheduler.callLater(60_000, () => calls.push("too late"));
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals(calls, ["x1"]);
});

Deno.test("callLater() refuses wrong durations and functions", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    assertThrows(() => scheduler.callLater(-1, () => {}), RangeError, "0 or more milliseconds");
    assertThrows(() => scheduler.callLater(NaN, () => {}), RangeError, "not NaN");
    assertThrows(() => scheduler.callLater(1, 1 as never), TypeError, "must be a function, not 1");
  });
  await scheduler.run();
});

// --- signals of the operating system

Deno.test({
  name: "handleSignals: exit code 130 for SIGINT, 143 for SIGTERM",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const child = fixtureCommand("handles_signals.ts").spawn();
      const lines: string[] = [];
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        lines.push(...text.trim().split("\n"));
        if (lines.at(-1) === "running") child.kill(signal);
      }
      await child.stderr.cancel();
      assertEquals((await child.status).code, code);
      assertEquals(lines, ["running", "stop", "future-cancelled", "finished"]);
    }
  },
});
