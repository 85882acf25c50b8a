import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Future, FutureCancelledError, type Plugin, Scheduler, transfer } from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";

/** The properties of a future. */
function stateOf(future: Future): unknown[] {
  const { state, done, cancelled, result, exception } = future;
  return [state, done, cancelled, result, exception];
}

/** Submits in a run that goes on, whatever fails, until `body` has returned. */
async function inRun(body: (scheduler: Scheduler) => Promise<void>): Promise<void> {
  const scheduler = Scheduler.withSequential();
  const run = scheduler.run({ endOnEmpty: false, onException: "ignore", wait: false });
  try {
    await body(scheduler);
  } finally {
    scheduler.stop();
    await run;
  }
}

const failing = (error: unknown) => () => Promise.reject(error);

/** Unhandled rejections of this thread, kept from ending it. */
function watchUnhandled(): Disposable & { readonly reasons: unknown[]; caughtUp(): Promise<void> } {
  const reasons: unknown[] = [];
  let sentinel = Promise.withResolvers<void>();
  const marker = new Error("a rejection that nobody handles");
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    if (event.reason === marker) sentinel.resolve();
    else reasons.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return {
    reasons,
    /** Resolves after unhandled rejections would have been reported. */
    async caughtUp() {
      sentinel = Promise.withResolvers();
      Promise.reject(marker);
      await sentinel.promise;
    },
    [Symbol.dispose]: () => globalThis.removeEventListener("unhandledrejection", listener),
  };
}

// ----------------------------------------------------------------------------- states

Deno.test("Future.state goes from pending over running to done with a result", async () => {
  await inRun(async (scheduler) => {
    const gate = Promise.withResolvers<number>();
    const started = Promise.withResolvers<void>();
    const future = scheduler.submit(() => {
      started.resolve();
      return gate.promise;
    });
    assertEquals(stateOf(future), ["pending", false, false, undefined, undefined]);
    await started.promise;
    assertEquals(stateOf(future), ["running", false, false, undefined, undefined]);
    gate.resolve(42);
    assertEquals(await future, 42);
    assertEquals(stateOf(future), ["done", true, false, 42, undefined]);
  });
});

Deno.test("Future.state is done with an exception when the function throws or rejects", async () => {
  await inRun(async (scheduler) => {
    const error = new RangeError("no");
    const thrower = () => {
      throw error;
    };
    for (const fn of [thrower, failing(error)]) {
      const future = scheduler.submit(fn);
      assertStrictEquals(await assertRejects(() => future), error);
      assertEquals(stateOf(future), ["done", true, false, undefined, error]);
    }
  });
});

Deno.test("Future.exception is the thrown value itself", async () => {
  await inRun(async (scheduler) => {
    for (const value of ["text", 0, null, { code: 7 }]) {
      const future = scheduler.submit(failing(value));
      const caught = await future.then(() => "resolved", (reason) => ({ reason }));
      assertEquals(caught, { reason: value });
      assertStrictEquals(future.exception, value);
      assertEquals(future.state, "done");
    }
  });
});

Deno.test("Future.result may be any value, undefined included", async () => {
  await inRun(async (scheduler) => {
    for (const value of [undefined, null, 0, "", Infinity]) {
      const future = scheduler.submit(() => value);
      assertStrictEquals(await future, value);
      assertEquals(stateOf(future), ["done", true, false, value, undefined]);
    }
  });
});

Deno.test("Future.state is cancelled after cancel(), with FutureCancelledError as exception", async () => {
  await inRun(async (scheduler) => {
    const future = scheduler.submit(function work() {});
    future.cancel();
    const error = await assertRejects(() => future, FutureCancelledError);
    assertEquals(stateOf(future), ["cancelled", false, true, undefined, error]);
    assertEquals(error.message, "work was cancelled: cancel() was called");
    assertEquals([error.name, error.cause], ["FutureCancelledError", undefined]);
  });
});

Deno.test("Future settles before its events, awaiting code resumes after them", async () => {
  await inRun(async (scheduler) => {
    const seen: string[] = [];
    const states = new Set<string>();
    const note = (name: string) => (future: Future) => {
      seen.push(name);
      states.add(`${future.state} ${future.result}`);
    };
    scheduler.onFutureDone(note("future-done"));
    scheduler.onFutureResult(note("future-result"));
    const future = scheduler.submit(() => 1);
    await Promise.all([future.then(() => seen.push("then")), (async () => await future)()]);
    assertEquals(seen, ["future-done", "future-result", "then"]);
    assertEquals([...states], ["done 1"]);
  });
});

// ----------------------------------------------------------------------------- record

Deno.test("Future.id is unique, taskName names task or function", async () => {
  await inRun(async (scheduler) => {
    const futures = [
      scheduler.task(() => 1, { name: "training" }).submit(),
      scheduler.task(function fit() {}).submit(),
      scheduler.submit(function plain() {}),
      scheduler.submit(() => {}),
    ];
    await Promise.all(futures);
    assertEquals(futures.map(({ taskName }) => taskName), [
      "training",
      "fit",
      "plain",
      "anonymous",
    ]);
    const ids = futures.map(({ id }) => id);
    assertEquals(ids, ids.toSorted((a, b) => a - b));
    assertEquals(new Set(ids).size, 4);
  });
});

Deno.test("Future has the times of submission, start and settling, in this order", async () => {
  await inRun(async (scheduler) => {
    const before = performance.now();
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const future = scheduler.submit(() => {
      started.resolve();
      return gate.promise;
    });
    assertEquals([future.startedAt, future.settledAt], [undefined, undefined]);
    await started.promise;
    assertEquals([typeof future.startedAt, future.settledAt], ["number", undefined]);
    gate.resolve();
    await future;
    const { submittedAt, startedAt = NaN, settledAt = NaN } = future;
    const times = [before, submittedAt, startedAt, settledAt, performance.now()];
    assertEquals(times, times.toSorted((a, b) => a - b));
  });
});

Deno.test("Future that is cancelled in the queue has no start", async () => {
  await inRun(async (scheduler) => {
    const future = scheduler.submit(() => 1);
    future.cancel();
    assertEquals([future.startedAt, typeof future.settledAt], [undefined, "number"]);
    await assertRejects(() => future, FutureCancelledError);
  });
});

// ----------------------------------------------------------------------------- submission

const TASK_EVENTS = ["submitted", "done", "result", "exception", "cancelled"] as const;
const FUTURE_EVENTS = [
  "future-submitted",
  "future-done",
  "future-result",
  "future-exception",
  "future-cancelled",
] as const;

for (const kind of ["sequential", "workers", "processes"] as const) {
  const make = {
    sequential: () => Scheduler.withSequential(),
    workers: () => Scheduler.withWorkers(1, BATCH),
    processes: () => Scheduler.withProcesses(1, BATCH),
  }[kind];

  Deno.test(`${kind}: Future.task and args are there in every event`, async () => {
    const scheduler = make();
    const task = scheduler.task(({ fails }: { fails: boolean }, text: string) => {
      if (fails) throw new RangeError(text);
      return text;
    });
    const given = [[{ fails: false }, "a"], [{ fails: true }, "b"], [{ fails: false }, "c"]] as [
      { fails: boolean },
      string,
    ][];
    const seen: Record<string, string> = {};
    const note = (event: string, future: Future<string, [{ fails: boolean }, string]>) => {
      const own = given.find(([options]) => options === future.args[0]);
      assertEquals(future.args, own);
      assertStrictEquals(future.task, task as unknown);
      seen[event] = `${seen[event] ?? ""}${future.args[1]}`;
    };
    for (const name of FUTURE_EVENTS) scheduler.on(name, (...[future]) => note(name, future));
    for (const name of TASK_EVENTS) task.on(name, (...[future]) => note(name, future));
    const kept: Future[] = [];
    scheduler.onStart(() => {
      for (const [options, text] of given) kept.push(task.submit(options, text));
      kept.at(-1)?.cancel();
    });
    await scheduler.run({ onException: "ignore" });
    assertEquals(seen, {
      "future-submitted": "abc",
      "future-done": "ab",
      "future-result": "a",
      "future-exception": "b",
      "future-cancelled": "c",
      submitted: "abc",
      done: "ab",
      result: "a",
      exception: "b",
      cancelled: "c",
    });
    assertEquals(kept.map(({ args }) => args), given);
  });
}

Deno.test("Future.task is undefined for Scheduler.submit(), which has args all the same", async () => {
  const scheduler = Scheduler.withSequential();
  const seen: unknown[] = [];
  for (const name of FUTURE_EVENTS) {
    scheduler.on(name, (...[{ task, taskName, args }]) => seen.push([name, task, taskName, args]));
  }
  scheduler.onStart(() => {
    const future = scheduler.submit(
      function add(a: number, b: number) {
        return a + b;
      },
      1,
      2,
    );
    assertEquals([future.task, future.args], [undefined, [1, 2]]);
    assertEquals(scheduler.submit(() => 1).args, []);
  }, { hidden: true });
  await scheduler.run();
  assertEquals(seen, [
    ["future-submitted", undefined, "add", [1, 2]],
    ["future-submitted", undefined, "anonymous", []],
    ["future-done", undefined, "add", [1, 2]],
    ["future-result", undefined, "add", [1, 2]],
    ["future-done", undefined, "anonymous", []],
    ["future-result", undefined, "anonymous", []],
  ]);
});

Deno.test("Future.args has the arguments of submit(), unchanged by plugins", async () => {
  const scheduler = Scheduler.withSequential();
  const seed: Plugin<object, number> = {
    name: "seed",
    preSubmit: (submission) => ({ ...submission, injected: [7] }),
  };
  const trim: Plugin = {
    name: "trim",
    preSubmit: (submission) => ({ ...submission, args: [String(submission.args[0]).trim()] }),
  };
  const task = scheduler.task((seed: number, text: string) => `${text}${seed}`, {
    plugins: [seed, trim],
  });
  const seen: unknown[] = [];
  for (const name of TASK_EVENTS) task.on(name, (...[{ args }]) => seen.push([name, ...args]));
  const results: string[] = [];
  task.onResult((_future, text) => results.push(text));
  scheduler.onStart(() => {
    task.submit(" a ");
    task.with({}).submit(" b ")?.cancel();
  });
  await scheduler.run();
  assertEquals(results, ["a7"]);
  assertEquals(seen, [
    ["submitted", " a "],
    ["submitted", " b "],
    ["cancelled", " b "],
    ["done", " a "],
    ["result", " a "],
  ]);
});

Deno.test("Future.args holds a buffer that has moved, detached", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const sum = scheduler.task((numbers: Uint8Array<ArrayBuffer>, n: number) =>
    numbers.reduce((a, b) => a + b, n)
  );
  const make = () => Uint8Array.of(1, 2, 3);
  const [listed, marked, copied] = [make(), make(), make()];
  const futures: Future<number, [Uint8Array<ArrayBuffer>, number]>[] = [];
  scheduler.onStart(() => {
    futures.push(
      sum.with({ transfer: [listed.buffer] }).submit(listed, 1),
      sum.submit(transfer(marked, [marked.buffer]), 2),
      sum.submit(copied, 3),
    );
  });
  await scheduler.run();
  assertEquals(futures.map(({ result }) => result), [7, 8, 9]);
  assertEquals(futures.map(({ args: [numbers] }) => numbers), [listed, marked, copied]);
  assertEquals(futures.map(({ args: [{ buffer }] }) => buffer.detached), [true, true, false]);
});

// ----------------------------------------------------------------------------- promise

Deno.test("Future.then() passes the result on, before and after it has settled", async () => {
  await inRun(async (scheduler) => {
    const future = scheduler.submit(() => 20);
    assertEquals(await future.then((n) => n + 1), 21);
    assertEquals(await future.then((n) => n + 2), 22);
    assertEquals(await future.then(), 20);
    assertEquals(await future.then(null, null), 20);
    assert(future.then() instanceof Promise);
  });
});

Deno.test("Future.then() calls the second callback with the exception", async () => {
  await inRun(async (scheduler) => {
    const error = new Error("no");
    const future = scheduler.submit(failing(error));
    assertStrictEquals(await future.then(() => "resolved", (reason) => reason), error);
    assertStrictEquals(await assertRejects(() => future.then(() => "resolved")), error);
  });
});

Deno.test("Future.catch() is called with the exception only", async () => {
  await inRun(async (scheduler) => {
    const error = new Error("no");
    assertStrictEquals(await scheduler.submit(failing(error)).catch((reason) => reason), error);
    assertEquals(await scheduler.submit(() => 5).catch(() => assert(false)), 5);
  });
});

Deno.test("Future.finally() is called once either way, and passes the outcome on", async () => {
  await inRun(async (scheduler) => {
    const error = new Error("no");
    let calls = 0;
    assertEquals(await scheduler.submit(() => 5).finally(() => void calls++), 5);
    const future = scheduler.submit(failing(error));
    assertStrictEquals(await assertRejects(() => future.finally(() => void calls++)), error);
    assertEquals(calls, 2);
  });
});

Deno.test("Future works in Promise.all(), race() and allSettled()", async () => {
  await inRun(async (scheduler) => {
    const make = (n: number) => scheduler.submit(() => n);
    assertEquals(await Promise.all([make(1), make(2)]), [1, 2]);
    assertEquals(await Promise.race([make(3), new Promise(() => {})]), 3);
    const outcomes = await Promise.allSettled([make(4), scheduler.submit(failing("no"))]);
    assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  });
});

Deno.test("Future that nobody awaits causes no unhandled rejection", async () => {
  using unhandled = watchUnhandled();
  await inRun(async (scheduler) => {
    scheduler.submit(failing(new Error("not awaited")));
    scheduler.submit(() => {
      throw new Error("thrown, not awaited");
    });
    scheduler.submit(() => 1).cancel();
    await scheduler.once("empty");
    await unhandled.caughtUp();
    assertEquals(scheduler.eventCounts["future-exception"], 2);
  });
  assertEquals(unhandled.reasons, []);
});

Deno.test("Future that was awaited once causes no unhandled rejection", async () => {
  using unhandled = watchUnhandled();
  await inRun(async (scheduler) => {
    const future = scheduler.submit(failing(new Error("first")));
    await future.catch(() => {});
    future.catch(() => {});
    await unhandled.caughtUp();
  });
  assertEquals(unhandled.reasons, []);
});

Deno.test("Future.then() rejects unhandled like a promise", async () => {
  using unhandled = watchUnhandled();
  const error = new Error("of the callback");
  await inRun(async (scheduler) => {
    const future = scheduler.submit(() => 1);
    future.then(() => {
      throw error;
    });
    await future;
    await unhandled.caughtUp();
  });
  assertEquals(unhandled.reasons, [error]);
});

// ----------------------------------------------------------------------------- cancel

Deno.test("Future.cancel() is true once, and false when it has settled", async () => {
  await inRun(async (scheduler) => {
    const queued = scheduler.submit(() => 1);
    assertEquals([queued.cancel(), queued.cancel()], [true, false]);
    const done = scheduler.submit(() => 1);
    await done;
    assertEquals([done.cancel(), done.state], [false, "done"]);
    const failed = scheduler.submit(failing("no"));
    await failed.catch(() => {});
    assertEquals([failed.cancel(), failed.exception], [false, "no"]);
  });
});

Deno.test("Future.cancel() keeps a queued function from ever starting", async () => {
  await inRun(async (scheduler) => {
    const seen: string[] = [];
    const futures = ["a", "b", "c"].map((name) => scheduler.submit(() => seen.push(name)));
    futures[1]?.cancel();
    await futures[2];
    assertEquals(seen, ["a", "c"]);
  });
});

Deno.test("Future.cancel() emits its events before it returns", async () => {
  await inRun(async (scheduler) => {
    const task = scheduler.task(() => {});
    const seen: string[] = [];
    scheduler.onFutureCancelled(() => seen.push("future-cancelled"));
    task.onCancelled(() => seen.push("cancelled"));
    task.onDone(() => seen.push("done"));
    const future = task.submit();
    future.cancel();
    seen.push("returned");
    assertEquals(seen, ["future-cancelled", "cancelled", "returned"]);
    await assertRejects(() => future, FutureCancelledError);
  });
});

Deno.test("Future.cancel() inside its own event of settling is false", async () => {
  await inRun(async (scheduler) => {
    const answers: boolean[] = [];
    scheduler.onFutureDone((future) => answers.push(future.cancel()));
    scheduler.onFutureCancelled((future) => answers.push(future.cancel()));
    await scheduler.submit(() => 1);
    scheduler.submit(() => 1).cancel();
    assertEquals(answers, [false, false]);
  });
});

Deno.test("Future.cancel() ends a running function, later ones run", async () => {
  await inRun(async (scheduler) => {
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<string>();
    const running = scheduler.submit(() => {
      started.resolve();
      return gate.promise;
    });
    const next = scheduler.submit(() => "next");
    await started.promise;
    assertEquals([running.cancel(), running.state], [true, "cancelled"]);
    assertEquals(await next, "next");
    gate.resolve("too late");
    await gate.promise;
    const error = await assertRejects(() => running, FutureCancelledError);
    assertEquals(stateOf(running), ["cancelled", false, true, undefined, error]);
    assertEquals(scheduler.eventCounts["future-cancelled"], 1);
    assertEquals(scheduler.eventCounts["future-done"], 1);
  });
});

Deno.test("Task.with({ signal }) cancels its future with the signal's reason as cause", async () => {
  await inRun(async (scheduler) => {
    const task = scheduler.task(function work() {});
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const futures = [
      task.with({ signal: controller.signal }).submit(),
      task.with({ signal: AbortSignal.abort(reason) }).submit(),
    ];
    assertEquals(futures.map(({ state }) => state), ["pending", "cancelled"]);
    controller.abort(reason);
    for (const future of futures) {
      const error = await assertRejects(() => future, FutureCancelledError);
      assertStrictEquals(error.cause, reason);
      assertEquals(error.message, "work was cancelled: its signal was aborted");
    }
  });
});

// ----------------------------------------------------------------------------- display

Deno.test("console.log() shows id, task, state and outcome of a future", async () => {
  await inRun(async (scheduler) => {
    const text = (future: Future) =>
      Deno.inspect(future, { breakLength: 200 }).replace(`id: ${future.id},`, "id: N,");
    const double = scheduler.submit(function double(n: number) {
      return n * 2;
    }, 21);
    assertEquals(text(double), 'Future { id: N, taskName: "double", state: "pending" }');
    await double;
    assertEquals(text(double), 'Future { id: N, taskName: "double", state: "done", result: 42 }');
    const cancelled = scheduler.submit(function work() {});
    cancelled.cancel();
    await cancelled.catch(() => {});
    assert(text(cancelled).includes('state: "cancelled"'), text(cancelled));
    assert(text(cancelled).includes("FutureCancelledError: work was cancelled"), text(cancelled));
  });
});

Deno.test("console.log() of a future has colours only when asked for them", async () => {
  await inRun(async (scheduler) => {
    const future = scheduler.submit(() => 1);
    await future;
    const plain = Deno.inspect(future, { colors: false });
    const coloured = Deno.inspect(future, { colors: true });
    // deno-lint-ignore no-control-regex -- that is what ANSI codes are
    assertEquals(coloured.replace(/\x1b\[\d+m/g, ""), plain);
    assertNotEquals(coloured, plain);
  });
});

Deno.test("Object.prototype.toString calls a future Future", async () => {
  await inRun(async (scheduler) => {
    const future = scheduler.submit(() => 1);
    assertEquals(String(Object.prototype.toString.call(future)), "[object Future]");
    assertInstanceOf(future, Future);
    await future;
  });
});
