/** `await using scheduler`: nothing of a run is left. @module */

import { Scheduler, SchedulerNotRunningError } from "@amltk/scheduling";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const never = () => new Promise<never>(() => {});

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: await using ends a run that nobody awaits`, async () => {
    let disposed: Scheduler | undefined;
    const failsHalfway = async () => {
      await using scheduler = disposed = make();
      scheduler.run({ endOnEmpty: false });
      if (executor !== "sequential") scheduler.submit(never);
      assertEquals(await scheduler.submit(() => 42), 43);
    };
    await assertRejects(failsHalfway, Error, "Values are not equal");
    assertEquals([disposed?.running, disposed?.queue.size], [false, 0]);
    assertEquals(disposed?.eventCounts.finished, 1);
  });
}

Deno.test("Symbol.asyncDispose does nothing without a run, and may be repeated", async () => {
  const scheduler = Scheduler.withSequential();
  await scheduler[Symbol.asyncDispose]();
  assertEquals((await scheduler.run()).code, "exhausted");
  await scheduler[Symbol.asyncDispose]();
  await scheduler[Symbol.asyncDispose]();
  assertEquals(scheduler.eventCounts.stop, 0);
});

Deno.test("Symbol.asyncDispose rejects an awaited run with an AbortError", async () => {
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run({ endOnEmpty: false });
  const disposals = [scheduler[Symbol.asyncDispose](), scheduler[Symbol.asyncDispose]()];
  assertEquals(scheduler.running, false);
  await Promise.all(disposals);
  const error = await assertRejects(() => run, DOMException, "disposed");
  assertEquals(error.name, "AbortError");
});

for (const event of ["start", "stop", "finishing", "finished"] as const) {
  Deno.test(`Symbol.asyncDispose does not wait for the callback of ${event} that calls it`, async () => {
    const scheduler = Scheduler.withSequential();
    const steps: string[] = [];
    const disposed = Promise.withResolvers<void>();
    scheduler.on(event, async () => {
      await scheduler[Symbol.asyncDispose]();
      steps.push("disposed");
      disposed.resolve();
    });
    if (event !== "start") scheduler.onStart(scheduler.stop);
    await scheduler.run({ endOnEmpty: false }).catch(({ name }) => steps.push(name));
    await disposed.promise;
    assertEquals(steps.toSorted(), ["AbortError", "disposed"]);
    assertEquals(scheduler.eventCounts.finished, 1);
  });
}

Deno.test("Symbol.asyncDispose during a drain cancels what the run waits for", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  scheduler.onStart(() => {
    const future = scheduler.submit(never);
    scheduler.callLater(1, function stopWhenRunning() {
      if (future.state === "running") scheduler.stop();
      else scheduler.callLater(1, stopWhenRunning);
    });
  });
  scheduler.run();
  await scheduler.once("finishing");
  await scheduler[Symbol.asyncDispose]();
  assertEquals(scheduler.eventCounts["future-cancelled"], 1);
});

Deno.test("SchedulerNotRunningError has what ended the run as its cause", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => {
    throw new RangeError("broken");
  });
  const causeNow = () => assertThrows(() => task.submit(), SchedulerNotRunningError).cause;
  assertEquals(causeNow(), undefined);
  scheduler.onStart(() => {
    task.submit();
  }, { limit: 1 });
  const causes: unknown[] = [];
  scheduler.onFinishing(() => causes.push(causeNow()));
  const unheard = scheduler.once("timeout");
  const error = await assertRejects(() => scheduler.run(), RangeError);
  assertEquals([...causes, causeNow()], [error, error]);
  const lost = await assertRejects(() => unheard, SchedulerNotRunningError);
  assertEquals(lost.cause, error);
  await scheduler.run();
  assertEquals([causes.at(-1), causeNow()], [undefined, undefined]);
});

Deno.test("Methods without their object say which one is missing", () => {
  const scheduler = Scheduler.withSequential();
  const { run, once, callLater } = scheduler;
  assertThrows(() => run(), TypeError, "run() was called without its scheduler");
  assertThrows(() => once("start"), TypeError, "once() was called without its emitter");
  assertThrows(() => callLater(1, () => {}), TypeError, "call scheduler.callLater()");
  const { attachPlugin } = scheduler.task(() => 1);
  assertThrows(() => attachPlugin(null as never), TypeError, "without its task");
});

Deno.test("Task.submit() is bound", async () => {
  const scheduler = Scheduler.withSequential();
  const double = scheduler.task((n: number) => 2 * n);
  scheduler.onStart(async () => {
    const { submit } = double;
    assertEquals(await Promise.all([1, 2, 3].map((n) => submit(n))), [2, 4, 6]);
  });
  await scheduler.run();
});
