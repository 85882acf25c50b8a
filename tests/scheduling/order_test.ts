/** The orders of events that the contract fixes, each as a whole list, on every executor. @module */

import { Limiter, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertRejects } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { newGate, open, waitAt } from "../fixtures/gate.ts";
import { traceOf } from "../fixtures/trace.ts";

const schedulers: Record<string, () => Scheduler> = {
  sequential: () => Scheduler.withSequential(),
  workers: () => Scheduler.withWorkers(1, BATCH),
};

const work = (n: number) => {
  if (n < 0) throw new RangeError("negative");
  return n;
};

for (const [name, make] of Object.entries(schedulers)) {
  const prepare = () => {
    const scheduler = make();
    const task = scheduler.task(work);
    return { scheduler, task, trace: traceOf(scheduler, task) };
  };

  Deno.test(`${name}: the events of a success`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1);
    });
    await scheduler.run();
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      "future-done",
      "future-result",
      "work done",
      "work result",
      "empty",
      "finishing",
      "finished",
    ]);
  });

  const failed = [
    "start",
    "future-submitted",
    "work submitted",
    "future-done",
    "future-exception",
    "work done",
    "work exception",
  ];

  Deno.test(`${name}: the events of a failure that ends the run`, async () => {
    for (const onException of ["raise", "end"] as const) {
      const { scheduler, task, trace } = prepare();
      scheduler.onStart(() => {
        task.submit(-1);
      });
      const run = scheduler.run({ onException });
      if (onException === "raise") await assertRejects(() => run, RangeError, "negative");
      else assertEquals((await run).code, "exception");
      assertEquals(trace, [...failed, "stop", "finishing", "finished"]);
    }
  });

  Deno.test(`${name}: the events of a failure that is ignored`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(-1);
    });
    assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
    assertEquals(trace, [...failed, "empty", "finishing", "finished"]);
  });

  Deno.test(`${name}: the events of a cancelled future`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1).cancel();
    });
    await scheduler.run();
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      "future-cancelled",
      "work cancelled",
      "empty",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: cancel() inside future-submitted keeps back the task's submitted`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1);
    });
    const returned: boolean[] = [];
    scheduler.onFutureSubmitted((future) => returned.push(future.cancel()));
    await scheduler.run();
    assertEquals(returned, [true]);
    assertEquals(trace, [
      "start",
      "future-submitted",
      "future-cancelled",
      "work cancelled",
      "empty",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: stop() emits stop before further events of the future`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1);
    });
    scheduler.onFutureDone(() => {
      scheduler.stop();
      trace.push("stop() returned");
    });
    assertEquals((await scheduler.run()).code, "stopped");
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      "future-done",
      "stop",
      "stop() returned",
      "future-result",
      "work done",
      "work result",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: stop() inside future-submitted, waiting for nothing`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1);
    });
    scheduler.onFutureSubmitted(scheduler.stop);
    assertEquals((await scheduler.run({ wait: false })).code, "stopped");
    assertEquals(trace, [
      "start",
      "future-submitted",
      "stop",
      "work submitted",
      "finishing",
      "future-cancelled",
      "work cancelled",
      "finished",
    ]);
  });

  Deno.test(`${name}: an empty run`, async () => {
    const { scheduler, trace } = prepare();
    assertEquals((await scheduler.run()).code, "exhausted");
    assertEquals(trace, ["start", "empty", "finishing", "finished"]);
  });

  Deno.test(`${name}: after a timeout, futures settle between finishing and finished`, async () => {
    const { setTimeout } = globalThis;
    using time = new FakeTime();
    const scheduler = make();
    const slow = scheduler.task(waitAt, { name: "slow" });
    const trace = traceOf(scheduler, slow);
    const gate = newGate();
    scheduler.onStart(() => {
      slow.submit(gate);
      slow.submit(gate);
    });
    scheduler.onFutureCancelled(() => open(gate));
    const run = scheduler.run({ timeout: 100 });
    while ([...slow.queue][0]?.state !== "running") {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    time.tick(100);
    assertEquals((await run).code, "timeout");
    assertEquals(trace, [
      "start",
      "future-submitted",
      "slow submitted",
      "future-submitted",
      "slow submitted",
      "timeout",
      "finishing",
      "future-cancelled",
      "slow cancelled",
      "future-done",
      "future-result",
      "slow done",
      "slow result",
      "finished",
    ]);
  });

  Deno.test(`${name}: a submission in empty keeps the run alive`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onEmpty(() => task.submit(1), { limit: 1 });
    assertEquals((await scheduler.run()).code, "exhausted");
    assertEquals(trace, [
      "start",
      "empty",
      "future-submitted",
      "work submitted",
      "future-done",
      "future-result",
      "work done",
      "work result",
      "empty",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: an error of a callback follows all events`, async () => {
    const { scheduler, task, trace } = prepare();
    scheduler.onStart(() => {
      task.submit(1);
    });
    scheduler.onFutureDone(() => {
      throw new TypeError("callback");
    });
    await assertRejects(() => scheduler.run(), TypeError, "callback");
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      "future-done",
      "future-result",
      "work done",
      "work result",
      "stop",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: a declined submission has only its plugin's event`, async () => {
    const scheduler = make();
    const task = scheduler.task(work, { plugins: new Limiter({ maxCalls: 1 }) });
    const trace = traceOf(scheduler, task);
    scheduler.onStart(() => {
      task.submit(1);
      assertEquals(task.submit(2), undefined);
    });
    await scheduler.run();
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      "work call-limit-reached",
      "future-done",
      "future-result",
      "work done",
      "work result",
      "empty",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: awaiting code resumes after the events and can submit`, async () => {
    const { scheduler, task, trace } = prepare();
    const run = scheduler.run();
    const first = await task.submit(1);
    trace.push("awaited");
    task.submit(first);
    assertEquals((await run).code, "exhausted");
    const events = ["future-done", "future-result", "work done", "work result"];
    assertEquals(trace, [
      "start",
      "future-submitted",
      "work submitted",
      ...events,
      "awaited",
      "future-submitted",
      "work submitted",
      ...events,
      "empty",
      "finishing",
      "finished",
    ]);
  });

  Deno.test(`${name}: a settled future leaves every queue before its events`, async () => {
    const scheduler = make();
    const task = scheduler.task(work);
    const sizes: number[][] = [];
    const look = () => sizes.push([scheduler.queue.size, task.queue.size, task.runningCount]);
    scheduler.onFutureDone(look);
    scheduler.onFutureCancelled(look);
    scheduler.onStart(() => {
      task.submit(1).cancel();
      task.submit(2);
    });
    await scheduler.run();
    assertEquals(sizes, [[0, 0, 0], [0, 0, 0]]);
  });
}
