// The events of output, as the run passes on what an executor reports: order, callbacks, context, errors.
import { AsyncLocalStorage } from "node:async_hooks";
import { type Call, type Executor, type OutputListener, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";

/** An executor whose calls end when the test says so. */
class PrintingExecutor implements Executor {
  readonly name = "PrintingExecutor";
  readonly workerCount = 1;
  readonly features = ["output"] as const;
  readonly calls: Call[] = [];
  readonly captured: (OutputListener | undefined)[] = [];
  onSubmit = (_call: Call): void => {};

  captureOutput(listener: OutputListener | undefined): void {
    this.captured.push(listener);
  }

  print(text: string, call: Call | undefined = this.calls.at(-1)): void {
    this.captured.at(-1)?.(text, "stdout", call);
  }

  submit(call: Call): void {
    this.calls.push(call);
    this.onSubmit(call);
  }

  cancel(): void {}

  shutdown(): Promise<{ runaways: number }> {
    return Promise.resolve({ runaways: 0 });
  }
}

function setup() {
  const executor = new PrintingExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((_name: string) => {}, { name: "task" });
  const log: string[] = [];
  for (const event of ["start", "stop", "finishing", "finished"] as const) {
    scheduler.on(event, () => log.push(event));
  }
  scheduler.onFutureOutput((future, text) => log.push(`future-output ${future.args[0]} ${text}`));
  scheduler.onFutureDone((future) => log.push(`future-done ${future.args[0]}`));
  task.onOutput((future, text, stream) => log.push(`output ${future.args[0]} ${text} ${stream}`));
  task.onDone((future) => log.push(`done ${future.args[0]}`));
  return { executor, scheduler, task, log };
}

Deno.test("run() captures output before start, until the end", async () => {
  const { executor, scheduler } = setup();
  scheduler.onStart(() => assertEquals(executor.captured.length, 1));
  scheduler.onFinishing(() => assertEquals(executor.captured.length, 1));
  scheduler.onFinished(() => assertEquals(executor.captured.length, 2));
  await scheduler.run();
  assertEquals(executor.captured.map((listener) => typeof listener), ["function", "undefined"]);
});

Deno.test("run() captures no output without the feature", async () => {
  const executor = Object.assign(new PrintingExecutor(), { features: [] as const });
  await new Scheduler(executor as unknown as Executor).run();
  assertEquals(executor.captured, []);
});

Deno.test("future-output precedes output, both precede the end", async () => {
  const { executor, scheduler, task, log } = setup();
  scheduler.onStart(() => {
    task.submit("a");
    executor.print("one");
    executor.print("two");
    executor.calls[0]?.succeed(undefined);
  });
  await scheduler.run();
  assertEquals(log, [
    "start",
    "future-output a one",
    "output a one stdout",
    "future-output a two",
    "output a two stdout",
    "future-done a",
    "done a",
    "finishing",
    "finished",
  ]);
});

Deno.test("what an executor prints in submit() follows future-submitted", async () => {
  const { executor, scheduler, task, log } = setup();
  executor.onSubmit = (call) => {
    executor.print("early");
    call.succeed(undefined);
  };
  scheduler.onStart(() => {
    task.submit("a");
    log.push("submit() has returned");
  });
  await scheduler.run();
  assertEquals(log.slice(1, 5), [
    "submit() has returned",
    "future-output a early",
    "output a early stdout",
    "future-done a",
  ]);
});

Deno.test("output that comes while a run ends waits for finishing", async () => {
  const { executor, scheduler, task, log } = setup();
  scheduler.onStart(() => {
    task.submit("a");
    scheduler.stop();
    executor.print("late");
    executor.calls[0]?.started();
    executor.calls[0]?.succeed(undefined);
    log.push("both reported");
  });
  await scheduler.run({ wait: "all" });
  assertEquals(log, [
    "start",
    "stop",
    "both reported",
    "finishing",
    "future-output a late",
    "output a late stdout",
    "future-done a",
    "done a",
    "finished",
  ]);
});

Deno.test("deferred output precedes a deferred end, though the run ends", async () => {
  const { executor, scheduler, task, log } = setup();
  executor.onSubmit = (call) => {
    executor.print("one");
    executor.print("two");
    call.started();
    call.succeed(undefined);
  };
  task.onOutput(scheduler.stop, { limit: 1 });
  scheduler.onStart(() => {
    task.submit("a");
  });
  await scheduler.run({ wait: "all" });
  assertEquals(log, [
    "start",
    "future-output a one",
    "output a one stdout",
    "stop",
    "finishing",
    "future-output a two",
    "output a two stdout",
    "future-done a",
    "done a",
    "finished",
  ]);
});

Deno.test("what a settled call prints is dropped", async () => {
  const { executor, scheduler, task, log } = setup();
  scheduler.onStart(() => {
    const future = task.submit("a");
    const [call] = executor.calls;
    call?.succeed(undefined);
    executor.print("late", call);
    assertEquals(future.state, "done");
  });
  scheduler.onFinished(() => executor.captured[0]?.("after the end", "stdout", executor.calls[0]));
  await scheduler.run();
  assertEquals(log.filter((entry) => entry.includes("output")), []);
});

Deno.test("a run waits for async callbacks of output", async () => {
  const { executor, scheduler, task } = setup();
  let isOver = false;
  task.onOutput(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    isOver = true;
  });
  scheduler.onEmpty(() => assertEquals(isOver, true));
  scheduler.onStart(() => {
    task.submit("a");
    executor.print("text");
    executor.calls[0]?.succeed(undefined);
  });
  await scheduler.run();
  assertEquals(scheduler.eventCounts.empty, 1);
});

Deno.test("the policy judges errors in callbacks of output", async () => {
  const error = new RangeError("in a callback");
  for (const action of ["raise", "end", "ignore"] as const) {
    for (const isAsync of [false, true]) {
      const { executor, scheduler, task, log } = setup();
      scheduler.onFutureOutput(() => {
        if (isAsync) return Promise.reject(error);
        throw error;
      }, { limit: 1 });
      scheduler.onStart(() => {
        task.submit("a");
        executor.print("text");
        executor.calls[0]?.started();
        executor.calls[0]?.succeed(undefined);
      });
      const run = scheduler.run({ onException: action });
      if (action === "raise") assertStrictEquals(await assertRejects(() => run), error);
      else assertEquals((await run).code, action === "end" ? "exception" : "exhausted");
      assertEquals(log.filter((entry) => entry.includes("output")), [
        "future-output a text",
        "output a text stdout",
      ]);
    }
  }
});

Deno.test("callbacks of output see the context of submit()", async () => {
  const { executor, scheduler, task } = setup();
  const request = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  scheduler.onFutureOutput(() => seen.push(request.getStore()));
  task.onOutput(() => seen.push(request.getStore()));
  const run = request.run("run", () => scheduler.run({ endOnEmpty: false }));
  request.run("A", () => task.submit("a"));
  request.run("B", () => task.submit("b"));
  const [a, b] = executor.calls;
  request.run("worker", () => {
    executor.print("text", b);
    executor.print("text", a);
  });
  scheduler.stop();
  await run;
  assertEquals(seen, ["B", "B", "A", "A"]);
});

Deno.test("once() and stream() take output events", async () => {
  const { executor, scheduler, task } = setup();
  const first = task.once("output");
  const texts: string[] = [];
  const reading = (async () => {
    for await (const [, text] of scheduler.stream("future-output")) texts.push(text);
  })();
  scheduler.onStart(() => {
    task.submit("a");
    executor.print("one");
    executor.print("two");
    executor.calls[0]?.succeed(undefined);
  });
  await scheduler.run();
  await reading;
  const [future, text, stream] = await first;
  assertEquals([future.args, text, stream, texts], [["a"], "one", "stdout", ["one", "two"]]);
});

Deno.test("an executor with output has a method for it", () => {
  const executor = { ...new PrintingExecutor(), submit() {}, cancel() {} };
  assertThrows(
    () => new Scheduler({ ...executor, shutdown: () => Promise.resolve({ runaways: 0 }) }),
    TypeError,
    'PrintingExecutor lists the feature "output" and has no captureOutput(): add the method',
  );
});

Deno.test("an executor that cannot capture output fails its run", async () => {
  const { executor, scheduler, log } = setup();
  const error = new Error("cannot capture");
  executor.captureOutput = () => {
    throw error;
  };
  assertStrictEquals(await assertRejects(() => scheduler.run({ endOnEmpty: false })), error);
  assertEquals(log, ["start", "stop", "finishing", "finished"]);
});
