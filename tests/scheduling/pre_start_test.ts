// The hook that plugins are asked by before a call starts.
import { AsyncLocalStorage } from "node:async_hooks";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type AnyPlugin,
  type Future,
  Scheduler,
  type StartingCall,
  Throttle,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { changing, manually } from "../fixtures/manual_task.ts";
import { traceOf } from "../fixtures/trace.ts";

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, { ...BATCH }),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const same = (n: number): number => n;
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function starting(preStart: NonNullable<AnyPlugin["preStart"]>, name = "starting"): AnyPlugin {
  return { name, preStart };
}

for (const [name, make] of Object.entries(SCHEDULERS)) {
  Deno.test(`preStart() gives the result without a worker (${name})`, async () => {
    const scheduler = make();
    const plugins = starting((_future, { args }) =>
      args[0] === 1 ? { result: undefined } : {
        result: args[0],
      }
    );
    const task = scheduler.task(same, { name: "same", plugins });
    const trace = traceOf(scheduler, task);
    await during(scheduler, async () => {
      const future = task.submit(1);
      assertEquals([future?.state, future?.done], ["pending", false]);
      assertEquals(await future, undefined);
      assertEquals([future?.state, future?.startedAt], ["done", undefined]);
    });
    assertEquals(trace, [
      ...["start", "future-submitted", "same submitted", "future-done", "future-result"],
      ...["same done", "same result", "empty", "finishing", "finished"],
    ]);
    const { workers } = scheduler.statistics();
    const used = name === "sequential" ? "callsDone" : "starts";
    assertEquals(workers.filter((worker) => worker[used] > 0), []);
  });
}

Deno.test("preStart() sees results of futures, changes and injected values", async () => {
  const seen: StartingCall[] = [];
  const { scheduler, executor, task } = manually(
    starting((_future, call) => void seen.push(call)),
    changing(({ args }) => ({ args: [...args, "more"], injected: ["seed"] })),
  );
  await during(scheduler, async () => {
    const needed = scheduler.submit(same, 1);
    const future = task.submit(needed);
    await turn();
    assertEquals(seen, []);
    executor.calls[0]?.succeed(7);
    await turn();
    assertEquals(seen, [{ function: task.function, args: [7, "more"], injected: ["seed"] }]);
    executor.calls[1]?.succeed(2);
    assertEquals(await future, 2);
  });
});

Deno.test("preStart() comes after every `after`, and before turns", async () => {
  const gate = Promise.withResolvers<void>();
  const asked: unknown[] = [];
  const { scheduler, executor, task } = manually(
    new Throttle({ maxConcurrent: 1 }),
    starting((_future, { args }) => void asked.push(args[0])),
    changing(({ args }) => args[0] === 1 ? { after: gate.promise } : {}),
  );
  await during(scheduler, async () => {
    for (const n of [1, 2, 3]) task.submit(n);
    assertEquals([asked, executor.calls.length], [[2, 3], 1]);
    gate.resolve();
    await turn();
    assertEquals(asked, [2, 3, 1]);
    for (const [index, expected] of [2, 1, 3].entries()) {
      assertEquals([executor.calls.length, executor.calls[index]?.args], [index + 1, [expected]]);
      executor.calls[index]?.succeed(0);
    }
  });
});

Deno.test("preStart() answers take no turn", async () => {
  const { scheduler, executor, task } = manually(
    new Throttle({ maxConcurrent: 1 }),
    starting((_future, { args }) => args[0] === 2 ? { result: 5 } : undefined),
  );
  await during(scheduler, async () => {
    task.submit(1);
    assertEquals(await task.submit(2), 5);
    executor.calls[0]?.succeed(1);
    assertEquals(executor.calls.length, 1);
  });
});

Deno.test("preStart() holds the call while its promise is pending", async () => {
  for (const answer of [undefined, { result: 7 }]) {
    const gate = Promise.withResolvers<{ result: number } | undefined>();
    const { scheduler, executor, task } = manually(starting(() => gate.promise as Promise<void>));
    await during(scheduler, async () => {
      const future = task.submit(1);
      await turn();
      assertEquals([future?.state, executor.calls.length, task.runningCount], ["pending", 0, 1]);
      gate.resolve(answer);
      await turn();
      executor.calls[0]?.succeed(7);
      assertEquals([await future, executor.calls.length], [7, answer === undefined ? 1 : 0]);
    });
  }
});

Deno.test("preStart() asks in order, until one answers", async () => {
  for (const isAsync of [false, true]) {
    const asked: string[] = [];
    const plugin = (name: string, result?: number) =>
      starting(() => {
        asked.push(name);
        const answer = result === undefined ? undefined : { result };
        return isAsync ? Promise.resolve(answer) as Promise<void> : answer;
      }, name);
    const { scheduler, task } = manually(plugin("a"), plugin("b", 2), plugin("c", 3));
    await during(scheduler, async () => assertEquals(await task.submit(1), 2));
    assertEquals(asked, ["a", "b"]);
  }
});

Deno.test("preStart() is asked once, and not for a retry", async () => {
  let asked = 0;
  let attempts = 0;
  const retry: AnyPlugin = {
    name: "retry",
    preSettle: () => ++attempts < 3 ? { retry: Promise.resolve() } : undefined,
  };
  const { scheduler, executor, task } = manually(starting(() => void asked++), retry);
  await during(scheduler, async () => {
    const future = task.submit(1);
    for (const attempt of [0, 1, 2]) {
      executor.calls[attempt]?.succeed(attempt);
      await turn();
    }
    assertEquals([await future, asked, executor.calls.length], [2, 1, 3]);
  });
});

Deno.test("preStart() is not asked about declined, settled or cancelled calls", async () => {
  let asked = 0;
  const gate = Promise.withResolvers<void>();
  const { scheduler, task } = manually(
    changing(({ args }) => args[0] === 2 ? { settled: { result: 1 } } : { after: gate.promise }),
    starting(() => void asked++),
    { name: "declines", preSubmit: (submission) => submission.args[0] === 1 ? null : submission },
  );
  await during(scheduler, async () => {
    const cancelled = new AbortController();
    cancelled.abort();
    assertEquals(task.submit(1), undefined);
    assertEquals(await task.submit(2), 1);
    task.with({ signal: cancelled.signal }).submit(3);
    task.submit(4)?.cancel();
    gate.resolve();
    await turn();
  });
  assertEquals(asked, 0);
});

Deno.test("preStart() that throws or rejects fails the call, judged once", async () => {
  const error = new RangeError("no");
  const hooks: NonNullable<AnyPlugin["preStart"]>[] = [
    () => {
      throw error;
    },
    () => Promise.reject(error),
  ];
  for (const hook of hooks) {
    const { scheduler, executor, task } = manually(starting(hook));
    let future: Future | undefined;
    let state: string | undefined;
    scheduler.onStart(() => {
      future = task.submit(1);
      state = future?.state;
    });
    const run = scheduler.run({ onException: { tasks: "ignore", run: "raise" } });
    assertStrictEquals(await run.catch((reason) => reason), error);
    assertStrictEquals(future?.exception, error);
    // Never inside of submit().
    assertEquals(state, "pending");
    assertEquals([task.eventCounts.exception, executor.calls.length], [1, 0]);
    const ignored = manually(starting(hook));
    await during(ignored.scheduler, async () => {
      await assertRejects(() => Promise.resolve(ignored.task.submit(1)), RangeError, "no");
    }, { onException: { tasks: "raise", run: "ignore" } });
  }
});

Deno.test("preStart() with a wrong answer names the plugin", async () => {
  for (const answer of [null, 1, {}, Promise.resolve(null), () => {}]) {
    const { scheduler, task } = manually(starting(() => answer as never, "cache"));
    scheduler.onStart(() => void task.submit(1));
    await assertRejects(() => scheduler.run(), TypeError, "preStart() of cache must return");
  }
});

Deno.test("preStart() may cancel its call", async () => {
  let later = 0;
  const { scheduler, executor, task } = manually(
    starting((future) => void future.cancel()),
    starting(() => void later++),
  );
  await during(scheduler, async () => {
    task.submit(1);
    await turn();
  });
  assertEquals([task.eventCounts.cancelled, executor.calls.length, later], [1, 0, 0]);
});

Deno.test("preStart() answers too late for a cancelled call", async () => {
  for (const late of ["resolve", "reject"] as const) {
    const gate = Promise.withResolvers<void>();
    let later = 0;
    const { scheduler, executor, task } = manually(
      starting(() => gate.promise),
      starting(() => void later++),
    );
    await during(scheduler, async () => {
      task.submit(1)?.cancel();
      gate[late](undefined as never);
      await turn();
      assertEquals([task.eventCounts.cancelled, executor.calls.length, later], [1, 0, 0]);
    });
  }
});

Deno.test("preStart(): a run that ends treats held calls as queued", async () => {
  for (const wait of [true, false, 0, "all"] as const) {
    const gate = Promise.withResolvers<void>();
    const { scheduler, executor, task } = manually(starting(() => gate.promise));
    scheduler.onStart(() => void task.submit(1));
    const run = scheduler.run({ wait });
    scheduler.stop();
    await turn();
    gate.resolve();
    await turn();
    executor.calls[0]?.succeed(1);
    assertEquals((await run).code, "stopped");
    assertEquals(task.eventCounts[wait === "all" ? "result" : "cancelled"], 1);
  }
});

Deno.test("preStart() runs in the async context of submit()", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { scheduler, executor, task } = manually(
    starting(() => void seen.push(storage.getStore())),
  );
  await during(scheduler, async () => {
    const needed = scheduler.submit(same, 1);
    storage.run("one", () => task.submit(needed));
    storage.run("two", () => task.submit(2));
    storage.run("three", () => executor.calls[0]?.succeed(1));
    await turn();
    for (const call of executor.calls.slice(1)) call.succeed(1);
  });
  assertEquals(seen, ["two", "one"]);
});

Deno.test("preStart() of a plugin attached later is asked", async () => {
  const { scheduler, executor, task } = manually();
  await during(scheduler, async () => {
    task.submit(1);
    executor.calls[0]?.succeed(1);
    task.attachPlugin(starting(() => ({ result: 9 })));
    assertEquals(await task.submit(1), 9);
    assert(executor.calls.length === 1);
  });
});

Deno.test("preStart() answers never settle inside submit()", async () => {
  const { scheduler, executor, task } = manually(starting(() => ({ result: 7 })));
  let depth = 0;
  let deepest = 0;
  task.onResult(() => {
    deepest = Math.max(deepest, ++depth);
    if (task.submissionCount < 5_000) task.submit(1);
    depth--;
  });
  await during(scheduler, () => void task.submit(1));
  assertEquals([task.eventCounts.result, deepest, executor.calls.length], [5_000, 1, 0]);
});
