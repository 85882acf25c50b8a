/** `onException: { tasks, run }`: failures of tasks on the one side, callbacks and executor on the other. @module */

import { ExecutorBrokenError, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

function fails(): never {
  throw new SyntaxError("of a task");
}

const brokenCallback = new RangeError("of a callback");

/** Both kinds of errors: one of a task, then one of a callback. */
function failing(): Scheduler {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    scheduler.submit(fails);
    throw brokenCallback;
  });
  return scheduler;
}

Deno.test("onException: tasks leaves errors of callbacks raised", async () => {
  const scheduler = failing();
  const error = await assertRejects(() => scheduler.run({ onException: { tasks: "ignore" } }));
  assertStrictEquals(error, brokenCallback);
});

Deno.test("onException: run leaves errors of tasks raised", async () => {
  const scheduler = failing();
  await assertRejects(() => scheduler.run({ onException: { run: "ignore" } }), SyntaxError);
});

Deno.test("onException: tasks and run each take a list of classes", async () => {
  const onException = {
    tasks: [[SyntaxError, "ignore"]],
    run: [[SyntaxError, "raise"], [RangeError, "end"]],
  } as const;
  const { code, exception } = await failing().run({ onException });
  assertEquals([code, exception], ["exception", brokenCallback]);
});

Deno.test("onException: run judges a broken executor, tasks does not", async () => {
  const make = () => {
    const initializer = () => {
      throw new Error("no data");
    };
    const scheduler = Scheduler.withWorkers(1, { ...BATCH, initializer });
    scheduler.onStart(() => {
      scheduler.submit(() => 1);
    });
    return scheduler;
  };
  const tasks = { onException: { tasks: "ignore" } } as const;
  await assertRejects(() => make().run(tasks), ExecutorBrokenError);
  const run = { onException: { run: "ignore" } } as const;
  assertEquals((await make().run(run)).code, "exhausted");
});

Deno.test("onException: later changes of the record do not matter", async () => {
  const onException: { tasks: "ignore" | "raise" } = { tasks: "ignore" };
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    onException.tasks = "raise";
    scheduler.submit(fails);
  });
  assertEquals((await scheduler.run({ onException })).code, "exhausted");
});

Deno.test("run() names the call in the last line of a raised stack, once", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(fails, { name: "parse" });
  const futures: number[] = [];
  scheduler.onStart(() => {
    futures.push(task.submit().id);
  });
  const error = await assertRejects(() => scheduler.run(), SyntaxError);
  assertEquals(error.stack?.split("\n").at(-1), `    at parse, future ${futures[0]}`);
  scheduler.onStart(() => {
    throw error;
  }, { limit: 1 });
  await assertRejects(() => scheduler.run(), SyntaxError);
  assertEquals(error.stack?.match(/at parse, future/g)?.length, 1);
});

Deno.test("run() raises errors whose stack cannot be changed as they are", async () => {
  const frozen = Object.freeze(new Error("frozen"));
  const hostile = {
    get stack(): string {
      throw new Error("no stack");
    },
  };
  for (const thrown of [frozen, hostile, "text", undefined, null]) {
    const scheduler = Scheduler.withSequential();
    scheduler.onStart(() => {
      scheduler.submit(() => {
        throw thrown;
      });
    });
    const raised = await scheduler.run().then(() => "resolved", (error) => error);
    assertStrictEquals(raised, thrown);
  }
});

Deno.test("run() writes once that an ignored error ended a callback", async () => {
  const { code, stdout, stderr } = await runFixture("ends_callbacks.ts");
  assertEquals([code, stdout], [0, "exhausted\n"]);
  assertMatch(
    stderr,
    /^A callback of start \(loadAll\) ended early: .*\(load, future \d+: Error: missing\)\. Catch .*\n$/,
  );
});
