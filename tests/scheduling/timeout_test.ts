import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Scheduler, SchedulerNotRunningError } from "@amltk/scheduling";
import { FakeTime } from "../fixtures/fake_time.ts";
import { traceOf } from "../fixtures/trace.ts";

const LONGEST_TIMER = 2 ** 31 - 1;

Deno.test("Scheduler.run() ends when its timeout is up, and not before", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const run = scheduler.run({ timeout: 100, endOnEmpty: false });
  await scheduler.once("empty");
  await time.tickAsync(99);
  assertEquals([scheduler.running, events], [true, ["start", "empty"]]);
  await time.tickAsync(1);
  assertEquals((await run).code, "timeout");
  assertEquals(events, ["start", "empty", "timeout", "finishing", "finished"]);
});

Deno.test("Scheduler.run() counts its timeout from after the start callbacks", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => time.tick(70));
  const run = scheduler.run({ timeout: 100, endOnEmpty: false });
  await time.tickAsync(99);
  assertEquals(scheduler.running, true);
  await time.tickAsync(1);
  assertEquals([scheduler.running, (await run).code], [false, "timeout"]);
});

Deno.test("Scheduler.run() times out while an async callback is pending, and awaits it", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const callback = Promise.withResolvers<void>();
  scheduler.onStart(async () => {
    await callback.promise;
    events.push("callback");
  });
  const finishing = scheduler.once("finishing");
  const run = scheduler.run({ timeout: 100 });
  await time.tickAsync(100);
  await finishing;
  assertEquals(events, ["start", "timeout", "finishing"]);
  callback.resolve();
  assertEquals((await run).code, "timeout");
  assertEquals(events, ["start", "timeout", "finishing", "callback", "finished"]);
});

Deno.test("Scheduler.run() is exhausted rather than timed out when both hold", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const run = scheduler.run({ timeout: 5 });
  time.tick(5);
  assertEquals((await run).code, "exhausted");
  assertEquals(events, ["start", "empty", "finishing", "finished"]);
});

Deno.test("Scheduler.run() is stopped rather than timed out when both hold", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const run = scheduler.run({ timeout: 5, endOnEmpty: false });
  await scheduler.once("empty");
  // Later than the timer of the run, so it fires after it.
  scheduler.callLater(5, scheduler.stop);
  time.tick(5);
  assertEquals((await run).code, "stopped");
  assertEquals(events, ["start", "empty", "stop", "finishing", "finished"]);
});

Deno.test("Scheduler.run() emits no empty after a stop() at the moment of its timeout", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  scheduler.onFutureResult(() => {
    time.tick(100);
    scheduler.stop();
  });
  assertEquals((await scheduler.run({ timeout: 100 })).code, "stopped");
  assertEquals(events, [
    "start",
    "future-submitted",
    "future-done",
    "future-result",
    "stop",
    "finishing",
    "finished",
  ]);
});

Deno.test("Scheduler.run() with wait: false cancels running calls on timeout", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const started = Promise.withResolvers<void>();
  scheduler.onStart(() => {
    scheduler.submit(() => {
      started.resolve();
      return new Promise(() => {});
    });
  });
  const run = scheduler.run({ timeout: 100, wait: false });
  await started.promise;
  await time.tickAsync(100);
  assertEquals((await run).code, "timeout");
  assertEquals(events, [
    "start",
    "future-submitted",
    "timeout",
    "finishing",
    "future-cancelled",
    "finished",
  ]);
});

for (const [wait, last] of [[true, "future-cancelled"], ["all", "future-result"]] as const) {
  Deno.test(`Scheduler.run() with wait: ${wait} lets what runs finish; ${last} for the queued`, async () => {
    using time = new FakeTime();
    const scheduler = Scheduler.withSequential();
    const outcomes: unknown[] = [];
    scheduler.onFinishing(() => outcomes.push("finishing"));
    scheduler.onFutureResult((future) => outcomes.push(`${future.taskName}: future-result`));
    scheduler.onFutureCancelled((future) => outcomes.push(`${future.taskName}: future-cancelled`));
    scheduler.onFinished(() => outcomes.push("finished"));
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    scheduler.onStart(() => {
      scheduler.submit(async function first() {
        started.resolve();
        await release.promise;
      });
      scheduler.submit(function second() {});
    });
    const run = scheduler.run({ timeout: 100, wait });
    await started.promise;
    await time.tickAsync(100);
    release.resolve();
    assertEquals((await run).code, "timeout");
    const first = "first: future-result";
    const settled = wait === "all" ? [first, `second: ${last}`] : [`second: ${last}`, first];
    assertEquals(outcomes, ["finishing", ...settled, "finished"]);
  });
}

Deno.test("Scheduler.run() does not end early when its timeout exceeds the longest timer", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run({ timeout: LONGEST_TIMER + 1000, endOnEmpty: false });
  await scheduler.once("empty");
  await time.tickAsync(LONGEST_TIMER + 999);
  assertEquals(scheduler.running, true);
  await time.tickAsync(1);
  assertEquals((await run).code, "timeout");
});

Deno.test("Scheduler.run() never times out with timeout: Infinity", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run({ timeout: Infinity, endOnEmpty: false });
  await scheduler.once("empty");
  await time.tickAsync(3 * LONGEST_TIMER);
  assertEquals(scheduler.running, true);
  scheduler.stop();
  assertEquals((await run).code, "stopped");
});

Deno.test("Scheduler.run() leaves no timer behind when it ends before its timeout", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  assertEquals((await scheduler.run({ timeout: 60_000 })).code, "exhausted");
  assertEquals(time.timerCount, 0);
});

Deno.test("Scheduler.run() counts the timeout of each run anew", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  for (const timeout of [100, 50]) {
    const run = scheduler.run({ timeout, endOnEmpty: false });
    await scheduler.once("empty");
    await time.tickAsync(timeout - 1);
    assertEquals(scheduler.running, true);
    await time.tickAsync(1);
    assertEquals((await run).code, "timeout");
  }
  assertEquals(scheduler.eventCounts.timeout, 2);
});

for (const [timeout, type] of [[-1, RangeError], [NaN, RangeError], ["5", TypeError]] as const) {
  Deno.test(`Scheduler.run() refuses a timeout of ${JSON.stringify(timeout)} before any event`, async () => {
    const scheduler = Scheduler.withSequential();
    const events = traceOf(scheduler);
    const error = await assertRejects(() => scheduler.run({ timeout: timeout as number }), type);
    assertEquals(/timeout.*(-1|NaN|"5")/.test(error.message), true, error.message);
    assertEquals(events, []);
  });
}

Deno.test("Scheduler.callLater() calls with the arguments when the time is up", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: unknown[] = [];
  const run = scheduler.run({ endOnEmpty: false });
  scheduler.callLater(20, (...args: [number, string]) => seen.push(args), 7, "b");
  scheduler.callLater(10, () => seen.push("earlier"));
  scheduler.callLater(20, () => seen.push("same time, later call"));
  await time.tickAsync(9);
  assertEquals(seen, []);
  await time.tickAsync(10);
  assertEquals(seen, ["earlier"]);
  await time.tickAsync(1);
  assertEquals(seen, ["earlier", [7, "b"], "same time, later call"]);
  await time.tickAsync(100);
  assertEquals(seen.length, 3);
  scheduler.stop();
  await run;
});

Deno.test("Scheduler.callLater() takes stop as it is", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run({ endOnEmpty: false });
  scheduler.callLater(80, scheduler.stop);
  await time.tickAsync(80);
  assertEquals((await run).code, "stopped");
});

Deno.test("Scheduler.callLater() returns a handle that cancels when called or disposed", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  const run = scheduler.run({ endOnEmpty: false });
  const cancelled = scheduler.callLater(10, () => seen.push("cancelled"));
  const kept = scheduler.callLater(10, () => seen.push("kept"));
  {
    using _disposed = scheduler.callLater(10, () => seen.push("disposed"));
  }
  cancelled.cancel();
  cancelled.cancel();
  await time.tickAsync(10);
  assertEquals(seen, ["kept"]);
  kept.cancel();
  scheduler.stop();
  await run;
});

Deno.test("Scheduler.callLater() throws when the scheduler is not running", async () => {
  const scheduler = Scheduler.withSequential();
  const call = () => scheduler.callLater(1, () => {});
  assertThrows(call, SchedulerNotRunningError, "not running");
  scheduler.onFinishing(() => {
    assertThrows(call, SchedulerNotRunningError, "ending");
  });
  await scheduler.run();
  assertThrows(call, SchedulerNotRunningError, "not running");
  assertEquals(scheduler.eventCounts.finishing, 1);
});

Deno.test("Scheduler.callLater() does not keep an empty run alive", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  scheduler.onStart(() => {
    scheduler.callLater(10, () => seen.push("called"));
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals(time.timerCount, 0);
  const second = scheduler.run({ endOnEmpty: false, timeout: 50 });
  await time.tickAsync(50);
  await second;
  assertEquals(seen, ["called"]);
});

Deno.test("Scheduler.callLater() calls nothing after stop()", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  scheduler.onStart(() => {
    scheduler.callLater(10, () => seen.push("called"));
    scheduler.stop();
    time.tick(10);
  });
  scheduler.onFinishing(() => time.tick(10));
  await scheduler.run();
  assertEquals(seen, []);
});

Deno.test("Scheduler.callLater() keeps the run waiting for a promise that its function returns", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const pending = Promise.withResolvers<void>();
  scheduler.onStart(() => {
    scheduler.callLater(10, async () => {
      await pending.promise;
      events.push("callback");
    });
    time.tick(10);
  });
  const run = scheduler.run();
  await time.tickAsync(1000);
  assertEquals(events, ["start"]);
  pending.resolve();
  assertEquals((await run).code, "exhausted");
  assertEquals(events, ["start", "callback", "empty", "finishing", "finished"]);
});

for (const kind of ["throws", "rejects"]) {
  Deno.test(`Scheduler.callLater() reports to onException when its function ${kind}`, async () => {
    using time = new FakeTime();
    const scheduler = Scheduler.withSequential();
    const error = new RangeError("late");
    const fail = kind === "throws"
      ? () => {
        throw error;
      }
      : () => Promise.reject(error);
    scheduler.onStart(() => {
      scheduler.callLater(10, fail);
    });
    const raise = scheduler.run({ endOnEmpty: false });
    time.tick(10);
    assertStrictEquals(await assertRejects(() => raise), error);
    const end = scheduler.run({ endOnEmpty: false, onException: "end" });
    time.tick(10);
    const exit = await end;
    assertEquals([exit.code, exit.exception], ["exception", error]);
    const ignore = scheduler.run({ endOnEmpty: false, onException: "ignore" });
    await time.tickAsync(10);
    assertEquals(scheduler.running, true);
    scheduler.stop();
    assertEquals((await ignore).code, "stopped");
  });
}

Deno.test("Scheduler.callLater() may submit, and does not await the future", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: unknown[] = [];
  scheduler.onFutureResult((_future, result: number) => seen.push(result));
  const run = scheduler.run({ endOnEmpty: false });
  await scheduler.once("empty");
  scheduler.callLater(10, () => scheduler.submit((n: number) => n * 2, 21));
  await time.tickAsync(10);
  await scheduler.once("empty");
  scheduler.stop();
  await run;
  assertEquals(seen, [42]);
});

Deno.test("Scheduler.callLater() waits longer than the longest timer", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  const run = scheduler.run({ endOnEmpty: false });
  scheduler.callLater(LONGEST_TIMER + 10, () => seen.push("called"));
  await time.tickAsync(LONGEST_TIMER + 9);
  assertEquals(seen, []);
  await time.tickAsync(1);
  assertEquals(seen, ["called"]);
  scheduler.stop();
  await run;
});

Deno.test("Scheduler.callLater() refuses a wrong delay and a wrong function by name and value", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    assertThrows(() => scheduler.callLater(-1, () => {}), RangeError, "not -1");
    assertThrows(() => scheduler.callLater(NaN, () => {}), RangeError, "not NaN");
    assertThrows(() => scheduler.callLater("1" as never, () => {}), TypeError, 'not "1"');
    assertThrows(() => scheduler.callLater(1, "f" as never), TypeError, 'not "f"');
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});
