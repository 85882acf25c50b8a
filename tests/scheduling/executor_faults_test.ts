/** What executors, plugins and callbacks may do wrong, and the run survives. @module */

import {
  type AnyPlugin,
  type Call,
  type Executor,
  type Future,
  Limiter,
  type Plugin,
  ProcessExecutor,
  Scheduler,
  SequentialExecutor,
  type ShutdownReport,
  WebWorkerExecutor,
} from "@amltk/scheduling";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { traceOf } from "../fixtures/trace.ts";

type Fault = "start" | "submit" | "cancel" | "shutdown" | "progress" | "takeBack";

/** Runs calls in this thread, and fails in one of its methods. */
class FaultyExecutor extends SequentialExecutor {
  readonly #fault: Fault;

  constructor(fault: Fault) {
    super();
    this.#fault = fault;
  }

  start(): void {
    if (this.#fault === "start") throw new RangeError("start");
  }

  progress(): undefined {
    if (this.#fault === "progress") throw new RangeError("progress");
  }

  takeBack(calls: readonly Call[]): Promise<readonly Call[]> {
    if (this.#fault === "takeBack") throw new RangeError("takeBack");
    return Promise.resolve(calls);
  }

  override submit(call: Call): void {
    if (this.#fault === "submit") throw new RangeError("submit");
    super.submit(call);
  }

  override cancel(call: Call): void {
    super.cancel(call);
    if (this.#fault === "cancel") throw new RangeError("cancel");
  }

  override async shutdown(): Promise<ShutdownReport> {
    if (this.#fault === "shutdown") throw new RangeError("shutdown");
    return await super.shutdown();
  }
}

/** Reports before `submit()` has returned. */
class EagerExecutor implements Executor {
  readonly name = "EagerExecutor";
  readonly workerCount = 1;

  submit(call: Call): void {
    call.started();
    call.succeed(call.function(...call.args));
  }

  cancel(): void {}

  shutdown(): Promise<ShutdownReport> {
    return Promise.resolve({ runaways: 0 });
  }
}

Deno.test("Executor.submit() that throws fails the call", async () => {
  const scheduler = new Scheduler(new FaultyExecutor("submit"));
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    task.submit(0);
  });
  task.onException(() => task.eventCounts.exception < 5000 ? task.submit(0) : undefined);
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
  assertEquals(task.eventCounts.exception, 5000);
});

Deno.test("Executor.cancel() that throws still cancels; the policy decides", async () => {
  for (const end of ["cancel", "stop"] as const) {
    const scheduler = new Scheduler(new FaultyExecutor("cancel"));
    const trace = traceOf(scheduler);
    scheduler.onStart(() => {
      const future = scheduler.submit(() => 1);
      if (end === "cancel") future.cancel();
      else scheduler.stop();
    });
    await assertRejects(() => scheduler.run({ wait: false }), RangeError, "cancel");
    assertEquals(trace.filter((event) => event === "future-cancelled").length, 1);
    assertEquals([trace.at(-1), scheduler.queue.size], ["finished", 0]);
  }
});

for (const fault of ["progress", "takeBack"] as const) {
  Deno.test(`Executor.${fault}() that throws does not stop the run's end`, async () => {
    const scheduler = new Scheduler(new FaultyExecutor(fault));
    const task = scheduler.task((n: number) => n);
    const trace = traceOf(scheduler, task);
    let future: Future | undefined;
    scheduler.onStart(() => {
      future = task.submit(1);
      scheduler.stop();
    });
    await assertRejects(() => scheduler.run(), RangeError, fault);
    assertEquals([future?.state, trace.at(-1)], ["cancelled", "finished"]);
  });
}

Deno.test("Executor.start() that throws ends the run; the policy decides", async () => {
  const scheduler = new Scheduler(new FaultyExecutor("start"));
  const trace = traceOf(scheduler);
  await assertRejects(() => scheduler.run(), RangeError, "start");
  assertEquals(trace, ["start", "stop", "finishing", "finished"]);
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
});

Deno.test("Executor.shutdown() that rejects ends the run; the policy decides", async () => {
  const scheduler = new Scheduler(new FaultyExecutor("shutdown"));
  const trace = traceOf(scheduler);
  await assertRejects(() => scheduler.run(), RangeError, "shutdown");
  assertEquals(trace, ["start", "empty", "finishing", "finished"]);
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
});

Deno.test("Executor reports inside submit() do not overflow the stack", async () => {
  const scheduler = new Scheduler(new EagerExecutor());
  const task = scheduler.task((n: number) => n + 1);
  const trace: string[] = [];
  scheduler.onStart(() => {
    task.submit(0);
    trace.push("submit() returned");
  });
  task.onResult((_future, n) => {
    if (n === 1) trace.push("result");
    if (n < 20_000) task.submit(n);
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals([task.eventCounts.result, trace], [20_000, ["submit() returned", "result"]]);
});

Deno.test("once(finishing) after finishing rejects, and the run ends", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onFinishing(async () => {
    await scheduler.once("finishing");
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});

Deno.test("A plugin that stops the run prevents its submission", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => 1, {
    plugins: {
      name: "stopper",
      preSubmit(submission) {
        scheduler.stop();
        return submission;
      },
    },
  });
  scheduler.onStart(() => {
    task.submit();
  });
  assertEquals((await scheduler.run({ wait: "all" })).code, "stopped");
  assertEquals(scheduler.eventCounts["future-submitted"], 0);
});

Deno.test("A failed task() releases its plugins", () => {
  const scheduler = Scheduler.withSequential();
  const limiter = new Limiter({ maxCalls: 1 });
  const bad = {} as AnyPlugin;
  assertThrows(() => scheduler.task(() => 1, { plugins: [limiter, bad] }), TypeError, "a name");
  assertEquals(scheduler.tasks.length, 0);
  scheduler.task(() => 2, { plugins: limiter });
});

Deno.test("A report between stop and finishing waits for finishing", async () => {
  class BatchExecutor extends EagerExecutor {
    readonly #calls: Call[] = [];

    override submit(call: Call): void {
      this.#calls.push(call);
      if (this.#calls.length < 2) return;
      setTimeout(() => {
        for (const each of this.#calls) super.submit(each);
      });
    }
  }
  const scheduler = new Scheduler(new BatchExecutor());
  const trace = traceOf(scheduler);
  scheduler.onStart(() => {
    for (const n of [1, 2]) scheduler.submit((x: number) => x, n);
  });
  scheduler.onFutureResult(scheduler.stop);
  await scheduler.run({ wait: "all" });
  assertEquals(trace, [
    "start",
    "future-submitted",
    "future-submitted",
    "future-done",
    "future-result",
    "stop",
    "finishing",
    "future-done",
    "future-result",
    "finished",
  ]);
});

/** How many objects are left of those that are made for calls, by what they are. */
async function leftAfterRun(keep: boolean): Promise<Record<string, number>> {
  const references: [name: string, reference: WeakRef<object>][] = [];
  const make = (name: string) => {
    const object = { name };
    references.push([name, new WeakRef(object)]);
    return object;
  };
  const replacing: Plugin<object, object> = {
    name: "replacing",
    preSubmit: (submission) => ({
      ...submission,
      args: [make("replaced")],
      injected: [make("injected")],
    }),
  };
  const scheduler = Scheduler.withSequential();
  const plain = scheduler.task((_value: object) => 1);
  const replaced = scheduler.task((_injected: object, _value: object) => 1, { plugins: replacing });
  const kept: unknown[] = [];
  scheduler.onStart(() => {
    for (let n = 0; n < 10; n++) {
      const future = n < 5 ? plain.submit(make("given")) : replaced.submit(make("given"));
      if (n % 2 === 0) future?.cancel();
      if (keep) kept.push(future);
    }
  });
  await scheduler.run();
  // A reference that was made or read in this turn of the event loop is kept until its end.
  await new Promise((resolve) => setTimeout(resolve));
  // The task of deno.json runs the tests with --expose-gc.
  (globalThis as unknown as { gc: () => void }).gc();
  const left = references.filter(([, reference]) => reference.deref() !== undefined);
  assertEquals([references.length, kept.length], [20, keep ? 10 : 0]);
  const counts: Record<string, number> = {};
  for (const [name] of left) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

Deno.test("A future keeps the arguments of submit(), not of plugins", async () => {
  assertEquals(await leftAfterRun(true), { given: 10 });
});

Deno.test("A dropped future leaves none of its arguments", async () => {
  assertEquals(await leftAfterRun(false), {});
});

const executors: readonly (() => Executor)[] = [
  () => new WebWorkerExecutor(2, BATCH),
  () => new ProcessExecutor(2, BATCH),
  () => new SequentialExecutor(),
  () => new EagerExecutor(),
];

for (const make of executors) {
  const executor = make();
  Deno.test(`new Scheduler() refuses the ${executor.name} of another one`, async () => {
    const scheduler = new Scheduler(executor);
    for (let attempt = 1; attempt <= 2; attempt++) {
      assertThrows(
        () => new Scheduler(executor),
        TypeError,
        `This ${executor.name} serves another scheduler already: an executor runs the calls of one`,
      );
    }
    assertEquals((await scheduler.run()).code, "exhausted");
    assertThrows(() => new Scheduler(executor), TypeError, "serves another scheduler");
  });
}
