// Futures as arguments: calls that are held until the futures among their arguments have settled.
import { AsyncLocalStorage } from "node:async_hooks";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type AnyTask,
  Future,
  FutureCancelledError,
  Scheduler,
  type Submission,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, { ...BATCH }),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};
const CHAIN = 10_000;

const add = (a: number, b: number): number => a + b;
const fail = (): never => {
  throw new RangeError("no");
};

/** A run on an executor whose calls the test settles. */
function manually(): { scheduler: Scheduler; executor: ManualExecutor } {
  const executor = new ManualExecutor();
  return { scheduler: new Scheduler(executor), executor };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

// --- arguments

for (const [name, make] of Object.entries(SCHEDULERS)) {
  Deno.test(`Task.submit() takes futures as arguments (${name})`, async () => {
    const scheduler = make();
    const load = scheduler.task((path: string) => Promise.resolve({ size: path.length }));
    const sizes = scheduler.task((a: { size: number }, b: { size: number }, c: string) =>
      `${a.size} ${b.size} ${c}`
    );
    await during(scheduler, async () => {
      const [a, b] = [load.submit("a"), load.submit("bc")];
      const future = sizes.submit(a, b, scheduler.submit((text: string) => text + "!", "x"));
      assertEquals(await future, "1 2 x!");
      assertStrictEquals(future.args[0] as unknown, a);
      assertEquals(await scheduler.submit(add, scheduler.submit(() => 1), 2), 3);
      assertEquals(
        await scheduler.submit((x?: unknown) => x, scheduler.submit(() => {})),
        undefined,
      );
    });
  });

  Deno.test(`Task.submit() names a future inside another argument (${name})`, async () => {
    const scheduler = make();
    const take = scheduler.task((_n: number, value: unknown) => value, { name: "take" });
    await during(scheduler, async () => {
      const future = scheduler.submit(() => 1);
      const places: [value: unknown, place: string][] = [
        [[future], "at [0]"],
        [{ deep: { inner: future } }, "at .deep.inner"],
        [new Map([["key", future]]), "at (a value of a Map)"],
        [new Set([future]), "at (an item of a Set)"],
      ];
      for (const [value, place] of places) {
        const error = await assertRejects(() => Promise.resolve(take.submit(1, value)));
        const { name, message } = error as Error;
        assertEquals(name, "DataCloneError");
        assert(message.startsWith(`take cannot be called: argument 2, ${place}, is a Future`));
        assert(message.endsWith("make it an argument of its own, or await it first"), message);
      }
      const data = [future];
      assertThrows(() => scheduler.share(data), DOMException, "is a Future");
    }, { onException: "ignore" });
  });

  Deno.test(`Task.submit() fails with the error of an argument (${name})`, async () => {
    const scheduler = make();
    const task = scheduler.task(add);
    const failing = scheduler.task(fail);
    const trace = traceOf(scheduler, task);
    await during(scheduler, async () => {
      const first = failing.submit();
      const second = task.submit(first, 1);
      const third = task.submit(1, second);
      await assertRejects(() => Promise.resolve(third), RangeError, "no");
      assertStrictEquals(second.exception, first.exception);
      assertStrictEquals(third.exception, first.exception);
      assertEquals([second.state, second.startedAt], ["done", undefined]);
      // One that has failed already.
      const late = task.submit(first, 1);
      assertEquals(late.state, "pending");
      await assertRejects(() => Promise.resolve(late), RangeError, "no");
    }, { onException: "ignore" });
    const own = trace.filter((event) => event.startsWith("add"));
    const submitted = "add submitted";
    const failed = ["add done", "add exception"];
    assertEquals(own, [submitted, submitted, ...failed, ...failed, submitted, ...failed]);
  });
}

Deno.test("Task.submit() resolves settled and repeated futures at once", async () => {
  const { scheduler, executor } = manually();
  const task = scheduler.task(add);
  await during(scheduler, async () => {
    const one = scheduler.submit(() => 1);
    const twice = task.submit(one, one);
    assertEquals(executor.calls.length, 1);
    executor.calls[0]?.succeed(21);
    assertEquals(executor.calls[1]?.args, [21, 21]);
    task.submit(5, one);
    assertEquals(executor.calls[2]?.args, [5, 21]);
    for (const call of executor.calls) call.succeed(42);
    assertEquals(await twice, 42);
  });
});

Deno.test("Task.submit() refuses a future of another scheduler", async () => {
  const other = Scheduler.withSequential();
  const foreign: Future<number>[] = [];
  await during(other, async () => {
    foreign.push(other.submit(() => 1));
    await foreign[0];
  });
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(add, { name: "add" });
  const swaps = scheduler.task(add, {
    name: "swaps",
    plugins: {
      name: "swap",
      preSubmit: (submission: Submission) => ({ ...submission, args: [1, foreign[0]] }),
    },
  });
  const [settled] = foreign as [Future<number>];
  await during(scheduler, () => {
    const refused: [place: string, submit: () => unknown][] = [
      ["add: argument 1", () => task.submit(settled, 2)],
      ["add: argument 2", () => task.with({}).submit(1, settled)],
      ["add: argument 2", () => scheduler.submit(add, 1, settled)],
      ["add: argument 2", () => swaps.submit(1, 2)],
      ["add: argument 1", () => task.submit(new Future("mine", []) as Future<number>, 2)],
    ];
    for (const [place, submit] of refused) {
      assertThrows(
        submit,
        TypeError,
        `Cannot submit ${place} is a future of another scheduler; await it and pass its result`,
      );
    }
  });
  assertEquals([task.submissionCount, scheduler.eventCounts["future-submitted"]], [0, 0]);
  await during(other, async () => {
    const pending = other.submit(() => 2);
    await during(scheduler, () => void assertThrows(() => task.submit(pending, 1), TypeError));
  });
});

Deno.test("Task.submit() takes futures of an earlier run", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(add);
  const [good, bad] = await during(scheduler, async () => {
    const futures = [task.submit(1, 2), scheduler.submit(fail)] as const;
    await Promise.allSettled(futures);
    return futures;
  }, { onException: "ignore" });
  // The error was judged in its own run.
  await during(scheduler, async () => {
    assertEquals(await task.submit(good, 4), 7);
    const failed = task.submit(good, bad);
    await assertRejects(() => Promise.resolve(failed), RangeError);
    assertStrictEquals(failed.exception, bad.exception);
  });
  scheduler.onStart(async () => void await task.submit(bad, 1), { limit: 1 });
  assertEquals((await scheduler.run()).code, "exhausted");
});

// --- while it is held

Deno.test("A held call is pending, queued and unsent", async () => {
  const { scheduler, executor } = manually();
  const task = scheduler.task(add);
  await during(scheduler, async () => {
    const one = scheduler.submit(() => 1);
    const held = task.submit(one, 2);
    assertEquals([held.state, held.startedAt], ["pending", undefined]);
    assert(scheduler.queue.has(held) && task.queue.has(held));
    assertEquals([task.runningCount, executor.calls.length], [1, 1]);
    executor.calls[0]?.succeed(1);
    assertEquals(executor.calls.length, 2);
    executor.calls[1]?.started();
    assertEquals(held.state, "running");
    executor.calls[1]?.succeed(3);
    assertEquals(await held, 3);
  });
});

Deno.test("A released call is sent behind earlier ones", async () => {
  const { scheduler, executor } = manually();
  const task = scheduler.task((_name: string, n: number) => n);
  await during(scheduler, () => {
    const one = scheduler.submit(() => 1);
    for (const name of ["held 1", "held 2"]) task.submit(name, one);
    for (const name of ["free 1", "free 2"]) task.submit(name, 0);
    executor.calls[0]?.succeed(1);
    task.submit("free 3", 0);
    const names = executor.calls.slice(1).map(({ args }) => args[0]);
    assertEquals(names, ["free 1", "free 2", "held 1", "held 2", "free 3"]);
    for (const call of executor.calls) call.succeed(1);
  });
});

Deno.test("A held call keeps the run alive", async () => {
  const { scheduler, executor } = manually();
  let empties = 0;
  scheduler.onEmpty(() => empties++);
  scheduler.onStart(() => {
    const one = scheduler.submit(() => 1);
    scheduler.submit(add, one, 1);
  });
  const run = scheduler.run();
  executor.calls[0]?.succeed(1);
  await turn();
  await turn();
  assertEquals([empties, scheduler.running], [0, true]);
  executor.calls[1]?.succeed(2);
  assertEquals((await run).code, "exhausted");
  assertEquals(empties, 1);
});

Deno.test("Future.cancel() keeps a held call from the executor", async () => {
  const { scheduler, executor } = manually();
  const task = scheduler.task(add);
  const abort = new AbortController();
  await during(scheduler, async () => {
    const [one, two] = [scheduler.submit(() => 1), scheduler.submit(() => 2)];
    const held = [task.submit(one, two), task.with({ signal: abort.signal }).submit(two, one)];
    assertEquals(held[0]?.cancel(), true);
    abort.abort();
    assertEquals(held.map(({ state }) => state), ["cancelled", "cancelled"]);
    for (const call of executor.calls) call.succeed(1);
    await turn();
    assertEquals([executor.calls.length, executor.cancelled], [2, []]);
  });
});

Deno.test("A cancelled argument fails its calls, judged once", async () => {
  for (const [name, make] of Object.entries(SCHEDULERS)) {
    const scheduler = make();
    const task = scheduler.task(add);
    const endless = scheduler.task(() => new Promise<number>(() => {}));
    const trace = traceOf(scheduler);
    await during(scheduler, () => {
      const first = endless.submit();
      const second = task.submit(first, 1);
      const third = task.submit(second, 1);
      first.cancel();
      assertEquals([second.state, third.state], ["done", "done"], name);
      assert(second.exception instanceof FutureCancelledError);
      assertStrictEquals(second.exception, first.exception);
      assertStrictEquals(third.exception, first.exception);
    }, { onException: "raise", onCancelled: "ignore" });
    const failed = ["future-done", "future-exception"];
    assertEquals(trace.filter((event) => /^future-[cde]/.test(event)), [
      "future-cancelled",
      ...failed,
      ...failed,
    ]);
  }
});

// --- the policy

/** A class of errors that counts how often the policy asks for it. */
function countingClass() {
  const state = { asked: 0 };
  class Counted extends Error {
    static override [Symbol.hasInstance](): boolean {
      state.asked++;
      return true;
    }
  }
  return { Counted, state };
}

Deno.test("onException judges the error of an argument once", async () => {
  for (const action of ["ignore", "end", "raise"] as const) {
    const { Counted, state } = countingClass();
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(add);
    const futures: Future[] = [];
    scheduler.onStart(() => {
      const first = scheduler.submit(fail);
      const second = task.submit(first, 1);
      futures.push(first, second, task.submit(second, first));
    });
    const run = scheduler.run({ onException: [[Counted, action]] });
    if (action === "raise") await assertRejects(() => run, RangeError, "no");
    else assertEquals((await run).code, action === "end" ? "exception" : "exhausted");
    assertEquals(state.asked, 1, action);
    // Also in a run that the error has ended, under the default `wait`.
    for (const { exception, state } of futures) {
      assertEquals(state, "done");
      assertStrictEquals(exception, futures[0]?.exception);
    }
  }
});

Deno.test("onException judges errors once for callbacks that await", async () => {
  const { Counted, state } = countingClass();
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(add);
  scheduler.onStart(async () => {
    await task.submit(scheduler.submit(fail), 1);
  });
  assertEquals((await scheduler.run({ onException: [[Counted, "ignore"]] })).code, "exhausted");
  assertEquals(state.asked, 1);
});

Deno.test("A thrown undefined fails dependent calls", async () => {
  const scheduler = Scheduler.withSequential();
  await during(scheduler, async () => {
    const nothing = scheduler.submit((): never => {
      throw undefined;
    });
    const future = scheduler.submit(add, nothing, 1);
    assertEquals(await Promise.resolve(future).then(() => "result", (error) => [error]), [
      undefined,
    ]);
  }, { onException: "ignore" });
});

// --- the end of a run

Deno.test("A run that ends treats held calls as queued", async () => {
  for (const [wait, states] of Object.entries({ true: "done cancelled", all: "done done" })) {
    const { scheduler, executor } = manually();
    const futures: Future[] = [];
    scheduler.onStart(() => {
      const one = scheduler.submit(() => 1);
      futures.push(one, scheduler.submit(add, one, 1));
      executor.calls[0]?.started();
    });
    const trace = traceOf(scheduler);
    const run = scheduler.run({ wait: wait === "all" ? "all" : true, onCancelled: "raise" });
    scheduler.stop();
    await turn();
    executor.calls[0]?.succeed(1);
    executor.calls[1]?.succeed(2);
    assertEquals((await run).code, "stopped");
    assertEquals(futures.map(({ state }) => state).join(" "), states);
    assertEquals(executor.calls.length, wait === "all" ? 2 : 1);
    assertEquals(trace.at(-1), "finished");
  }
});

Deno.test("A run that ends cancels each held call", async () => {
  for (const wait of [true, false, 0]) {
    const { scheduler } = manually();
    const task = scheduler.task(add);
    const futures: Future[] = [];
    scheduler.onStart(() => {
      const one = scheduler.submit(() => 1);
      const second = task.submit(one, 1);
      futures.push(one, second, task.submit(second, 1));
    });
    const run = scheduler.run({ wait });
    scheduler.stop();
    await run;
    for (const { state, exception } of futures) {
      assertEquals(state, "cancelled");
      assert((exception as Error).message.endsWith("was cancelled: the run ended"));
    }
    assertEquals(task.eventCounts.exception, 0);
  }
});

Deno.test("wait: all runs a graph to its end", async () => {
  const scheduler = Scheduler.withWorkers(2, { ...BATCH });
  const task = scheduler.task(add);
  const futures: Future<number>[] = [];
  scheduler.onStart(() => {
    let last = task.submit(0, 0);
    for (let n = 1; n < 100; n++) futures.push(last = task.submit(last, n));
    scheduler.stop();
  });
  await scheduler.run({ wait: "all" });
  assertEquals(futures.at(-1)?.result, 4950);
});

// --- chains

Deno.test("A chain of 10,000 calls settles without recursion", async () => {
  const chain = (task: AnyTask, first: Future): Future => {
    let last = first;
    for (let n = 0; n < CHAIN; n++) last = task.submit(last, 1) as Future;
    return last;
  };
  const { scheduler, executor } = manually();
  const task = scheduler.task(add);
  await during(scheduler, async () => {
    const failing = scheduler.submit(() => 1);
    const last = chain(task, failing);
    executor.calls[0]?.fail(new RangeError("no"));
    assertStrictEquals(last.exception, failing.exception);
    const cancelled = scheduler.submit(() => 1);
    const end = chain(task, cancelled);
    cancelled.cancel();
    assertStrictEquals(end.exception, cancelled.exception);
    const fails = chain(task, failing);
    await assertRejects(() => Promise.resolve(fails), RangeError);
    assertEquals(executor.calls.length, 2);
  }, { onException: [[RangeError, "ignore"]] });
});

Deno.test("A call waits for 10,000 futures", async () => {
  const scheduler = Scheduler.withSequential();
  const one = scheduler.task((n: number) => n);
  const sum = scheduler.task((...parts: number[]) => parts.reduce((a, b) => a + b, 0));
  await during(scheduler, async () => {
    const parts = Array.from({ length: CHAIN }, (_, n) => one.submit(n));
    assertEquals(await sum.submit(...parts), CHAIN * (CHAIN - 1) / 2);
  });
});

// --- memory and context

declare const gc: () => void;

/** A result that can be seen to have been collected. */
function watched(): { value: object; ref: WeakRef<object> } {
  const value = { rows: new Array(1000).fill(0) };
  return { value, ref: new WeakRef(value) };
}

Deno.test("A settled call lets go of its arguments", async () => {
  const { scheduler, executor } = manually();
  const task = scheduler.task((_rows: object, n: number) => n);
  const refs: WeakRef<object>[] = [];
  const collected: boolean[] = [];
  scheduler.onStart(async () => {
    scheduler.submit(() => 0);
    await (async () => {
      for (const end of ["result", "error", "cancelled"]) {
        const { value, ref } = watched();
        refs.push(ref);
        const load = scheduler.submit(() => ({}));
        const user = task.submit(load, 1);
        executor.calls.at(-1)?.succeed(value);
        if (end === "cancelled") user.cancel();
        else if (end === "result") executor.calls.at(-1)?.succeed(1);
        else executor.calls.at(-1)?.fail(new RangeError("no"));
        await turn();
      }
    })();
    await turn();
    gc();
    collected.push(...refs.map((ref) => ref.deref() === undefined));
    executor.calls[0]?.succeed(0);
  });
  // The executor of the test still has each call.
  await scheduler.run({ onException: "ignore" });
  assertEquals(collected, [true, true, true]);
  assertEquals(executor.calls.length, 7);
});

Deno.test("A cancelled call is let go at once", async () => {
  const { scheduler, executor } = manually();
  const refs: WeakRef<object>[] = [];
  await during(scheduler, async () => {
    const one = scheduler.submit(() => 1);
    const hold = () => {
      const { value, ref } = watched();
      refs.push(ref);
      scheduler.submit((n: number, _rows: object) => n, one, value).cancel();
    };
    for (let n = 0; n < 3; n++) hold();
    await turn();
    gc();
    assertEquals(refs.map((ref) => ref.deref()), [undefined, undefined, undefined]);
    executor.calls[0]?.succeed(1);
  });
});

Deno.test("Held calls keep the async context of submit()", async () => {
  const storage = new AsyncLocalStorage<string>();
  const { scheduler, executor } = manually();
  const task = scheduler.task(add);
  const seen: unknown[] = [];
  task.onResult((_future, n) => seen.push([n, storage.getStore()]));
  task.onException(() => seen.push(storage.getStore()));
  await during(scheduler, () => {
    const one = storage.run("one", () => scheduler.submit(() => 1));
    storage.run("two", () => task.submit(one, 1));
    executor.calls[0]?.succeed(1);
    executor.calls[1]?.succeed(2);
    const bad = storage.run("bad", () => scheduler.submit(() => 1));
    storage.run("three", () => task.submit(bad, 1));
    executor.calls[2]?.fail(new RangeError("no"));
  }, { onException: "ignore" });
  assertEquals(seen, [[2, "two"], "three"]);
});
