/** How long the end of a run waits for running calls, and what it writes meanwhile. @module */

import { Scheduler } from "@amltk/scheduling";
import { assertEquals, assertMatch } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { fixtureCommand, runFixture } from "../fixtures/run_fixture.ts";
import { traceOf } from "../fixtures/trace.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const never = () => new Promise<never>(() => {});

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: wait: ms ends a run whose call never does`, async () => {
    const scheduler = make();
    const task = scheduler.task(never);
    scheduler.onStart(() => {
      const running = task.submit();
      task.submit();
      scheduler.callLater(1, function stopWhenRunning() {
        if (running.state === "running") scheduler.stop("enough");
        else scheduler.callLater(1, stopWhenRunning);
      });
    });
    const { code, message } = await scheduler.run({ wait: 10 });
    assertEquals([code, message, task.eventCounts.cancelled], ["stopped", "enough", 2]);
  });
}

Deno.test("wait: ms gives running calls so long, queued ones are cancelled", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  const events = traceOf(scheduler);
  const result = Promise.withResolvers<string>();
  scheduler.onStart(() => {
    scheduler.submit(() => result.promise);
    scheduler.submit(() => "queued");
  });
  const stopped = scheduler.once("finishing");
  const run = scheduler.run({ timeout: 100, wait: 50 });
  await time.tickAsync(100);
  await stopped;
  await time.tickAsync(49);
  result.resolve("in time");
  assertEquals((await run).code, "timeout");
  assertEquals(events.slice(3), [
    "timeout",
    "finishing",
    "future-cancelled",
    "future-done",
    "future-result",
    "finished",
  ]);
});

Deno.test("wait: ms is counted by the clock that is found at the end", async () => {
  using time = new FakeTime();
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    scheduler.submit(() => new Promise(() => {}));
  });
  const stopped = scheduler.once("finishing");
  const run = scheduler.run({ timeout: 1, wait: 3_600_000 });
  await time.tickAsync(1);
  await stopped;
  await time.tickAsync(3_599_999);
  assertEquals(scheduler.queue.size, 1);
  await time.tickAsync(1);
  assertEquals([(await run).code, scheduler.queue.size], ["timeout", 0]);
});

Deno.test("wait: ms lets running calls finish after the first signal", async () => {
  if (Deno.build.os === "windows") return;
  for (const [mode, expected] of [["finishes", "result"], ["hangs", "cancelled"]] as const) {
    const child = fixtureCommand("waits_after_signal.ts", ["--allow-all"], [mode]).spawn();
    const lines: string[] = [];
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      lines.push(...text.trim().split("\n"));
      if (text.includes("running")) child.kill("SIGINT");
    }
    assertEquals([(await child.status).code, ...lines], [130, "running", "stop", expected]);
    await child.stderr.cancel();
  }
});

Deno.test("run() writes once for which calls it has waited five seconds", async () => {
  const { code, stdout, stderr } = await runFixture("waits_long.ts");
  assertEquals([code, stdout], [0, "stopped\n"]);
  assertMatch(
    stderr,
    /^The run has ended, and has waited 5 s for running calls: 2 of slow\. .*wait: ms.*\n$/,
  );
});
