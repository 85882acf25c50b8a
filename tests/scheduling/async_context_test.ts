// What code of users sees of its AsyncLocalStorage: the store of the submit(), run(), callLater(),
// once() or stream() that the code belongs to, whoever makes it happen.
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Call,
  type Executor,
  type Future,
  Limiter,
  ResourceLimits,
  Scheduler,
  type Submission,
  type Task,
} from "@amltk/scheduling";
import { assertEquals, assertRejects } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

const storage = new AsyncLocalStorage<string | undefined>();
const objects = new AsyncLocalStorage<object>();

const makers = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const FUTURE_EVENTS = [
  "future-submitted",
  "future-done",
  "future-result",
  "future-exception",
  "future-cancelled",
] as const;
const TASK_EVENTS = ["submitted", "done", "result", "exception", "cancelled"] as const;
const RUN_EVENTS = ["start", "empty", "stop", "timeout", "finishing", "finished"] as const;

function store(): string {
  return storage.getStore() ?? "none";
}

/** Calls a function as a request of that name. */
function as<R>(name: string | undefined, fn: () => R): R {
  return storage.run(name, fn);
}

/** What the callbacks of the events of a task and its scheduler see, by the events of the future. */
function storesOf(scheduler: Scheduler, task: ReturnType<typeof failsFor>): Map<object, string[]> {
  const seen = new Map<object, string[]>();
  const note = (event: string, future: object) => {
    const list = seen.get(future) ?? [];
    seen.set(future, list);
    list.push(`${event}: ${store()}`);
  };
  for (const event of FUTURE_EVENTS) {
    scheduler.on(event, (...[future]) => note(event, future));
  }
  for (const event of TASK_EVENTS) {
    task.on(event, async (...[future]) => {
      note(event, future);
      await Promise.resolve();
      note(`after ${event}`, future);
    });
  }
  return seen;
}

/** A task that fails for negative numbers and never ends for 0; its hooks note what they see. */
function failsFor(scheduler: Scheduler, hooks: string[] = []) {
  const plugin = {
    name: "hooks",
    preSubmit: (submission: Submission) => {
      hooks.push(`preSubmit ${submission.args[0]}: ${store()}`);
      return submission;
    },
    preException: (_future: Future, _error: unknown, [n]: readonly unknown[]) =>
      void hooks.push(`preException ${n}: ${store()}`),
  };
  return scheduler.task((n: number): unknown => {
    if (n < 0) throw new RangeError(`${n}`);
    return n === 0 ? new Promise(() => setInterval(() => {}, 60_000)) : n;
  }, { plugins: plugin });
}

function isEach(list: readonly string[] | undefined, name: string): boolean {
  return list !== undefined && list.length > 0 && list.every((line) => line.endsWith(`: ${name}`));
}

for (const [executor, make] of Object.entries(makers)) {
  Deno.test(`Events of a future see the store of its submit() (${executor})`, async () => {
    const scheduler = make();
    const hooks: string[] = [];
    const task = failsFor(scheduler, hooks);
    const seen = storesOf(scheduler, task);
    const names = Array.from({ length: 40 }, (_, n) => n % 5 === 0 ? undefined : `request ${n}`);
    const futures: Future<unknown, [number]>[] = [];
    const awaited: string[] = [];
    const run = as("run", () => scheduler.run({ endOnEmpty: false, onException: "ignore" }));
    const request = async (n: number) => {
      const future = task.submit(n % 3 === 0 ? -n - 1 : n + 1);
      futures[n] = future;
      if (n % 4 === 0) as("other", () => future.cancel());
      await future.catch(() => {});
      awaited[n] = store();
    };
    await Promise.all(
      names.map((name, n) => name === undefined ? request(n) : as(name, () => request(n))),
    );
    scheduler.stop();
    await run;
    const expected = names.map((name) => name ?? "none");
    assertEquals(awaited, expected);
    for (const [n, future] of futures.entries()) {
      assertEquals([n, isEach(seen.get(future), expected[n] ?? "")], [n, true]);
    }
    const calls = (kind: string) => hooks.filter((line) => line.startsWith(kind));
    assertEquals(calls("preSubmit").length, 40);
    assertEquals(calls("preException").length, futures.filter(isFailed).length);
    for (const line of hooks) {
      const n = Math.abs(Number(/-?\d+/.exec(line)?.[0])) - 1;
      assertEquals(line.endsWith(`: ${expected[n]}`), true, line);
    }
  });

  for (const wait of [true, false, "all"] as const) {
    Deno.test(`Events at the end of a run see the store of submit() (${executor}, wait: ${wait})`, async () => {
      const scheduler = make();
      const task = failsFor(scheduler);
      const seen = storesOf(scheduler, task);
      const futures = new Map<string, object>();
      const submit = (name: string, n: number) =>
        as(name, () => void futures.set(name, task.submit(n)));
      scheduler.onStart(() => {
        // Those that never end would have to be waited for.
        for (let n = 1; n <= 6; n++) submit(`request ${n}`, wait === false && n < 4 ? 0 : n);
        as("other", () => scheduler.stop());
      });
      await as("run", () => scheduler.run({ wait }));
      assertEquals(futures.size, 6);
      for (const [name, future] of futures) {
        assertEquals(isEach(seen.get(future), name), true, name);
      }
    });
  }

  Deno.test(`A signal aborted elsewhere cancels in the context of submit() (${executor})`, async () => {
    const scheduler = make();
    const task = failsFor(scheduler);
    const seen = storesOf(scheduler, task);
    const controller = new AbortController();
    const futures: object[] = [];
    const run = scheduler.run({ endOnEmpty: false });
    for (const name of ["a", "b", "c", "d"]) {
      as(name, () => futures.push(task.with({ signal: controller.signal }).submit(0)));
    }
    as("other", () => controller.abort());
    assertEquals(futures.map((future) => seen.get(future)?.at(-1)), [
      "cancelled: a",
      "cancelled: b",
      "cancelled: c",
      "cancelled: d",
    ]);
    scheduler.stop();
    await run;
  });

  Deno.test(`A call submitted by a callback has the context of the callback (${executor})`, async () => {
    const scheduler = make();
    const task = failsFor(scheduler);
    const seen: string[] = [];
    task.onResult((_future, n) => {
      seen.push(`${n}: ${store()}`);
      if (Number(n) < 30) task.submit(Number(n) + 10);
    });
    scheduler.onStart(() => {
      for (const n of [1, 2, 3]) as(`request ${n}`, () => task.submit(n));
    });
    await as("run", () => scheduler.run());
    const chain = [1, 11, 21, 31].flatMap((n) =>
      [n, n + 1, n + 2].map((m) => `${m}: request ${m % 10}`)
    );
    assertEquals(seen.sort(byNumber), chain);
  });

  Deno.test(`Events of a run see the store of run() (${executor})`, async () => {
    for (const end of ["stop", "timeout", "exhausted", "abort"] as const) {
      const scheduler = make();
      const task = failsFor(scheduler);
      const controller = new AbortController();
      const seen: string[] = [];
      for (const event of RUN_EVENTS) {
        scheduler.on(event, async () => {
          seen.push(`${event}: ${store()}`);
          await Promise.resolve();
          seen.push(`${event}: ${store()}`);
        });
        // What one callback enters is none of the others.
        scheduler.on(event, () => storage.enterWith("entered"));
      }
      const run = as("run", () =>
        scheduler.run({
          endOnEmpty: end === "exhausted",
          timeout: end === "timeout" ? 200 : Infinity,
          signal: controller.signal,
        }));
      await as("request", async () => {
        await task.submit(1).catch(() => {});
        if (end === "stop") scheduler.stop();
        if (end === "abort") controller.abort(new RangeError("aborted"));
      });
      if (end === "abort") await assertRejects(() => run, RangeError);
      else await run;
      assertEquals([end, isEach(seen, "run")], [end, true], seen.join());
      const last = end === "exhausted" ? "empty" : end === "abort" ? "stop" : end;
      assertEquals(new Set(seen).has(`${last}: run`), true, last);
    }
  });

  Deno.test(`The store of a request follows its future (${executor})`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n);
    task.onResult(() => {});
    const run = scheduler.run({ endOnEmpty: false });
    const references = await requests(task);
    await until(() => references.every((reference) => reference.deref() === undefined));
    scheduler.stop();
    await run;
  });
}

function isFailed(future: Future<unknown, [number]>): boolean {
  return future.done && future.exception !== undefined;
}

/** Five requests of three calls each, with a store that they alone hold. */
async function requests(task: Task<[n: number], number>): Promise<WeakRef<object>[]> {
  const references: WeakRef<object>[] = [];
  for (let n = 0; n < 5; n++) {
    const held = { bytes: new Uint8Array(100) };
    references.push(new WeakRef(held));
    await objects.run(held, () => Promise.all([1, 2, 3].map((n) => task.submit(n))));
  }
  return references;
}

/** Resolves once it holds after a garbage collection; rejects if it never does. */
async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; !holds(); attempt++) {
    if (attempt === 200) throw new Error("It does not come to hold");
    // A reference that was read in this macrotask is kept until its end.
    await new Promise((resolve) => setTimeout(resolve, 20));
    (globalThis as unknown as { gc(): void }).gc();
  }
}

function byNumber(a: string, b: string): number {
  return parseInt(a) - parseInt(b);
}

Deno.test("SequentialExecutor calls the function in the context of submit(), async or not", async () => {
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  const see = (n: number) => seen.push(`${n}: ${store()}`);
  const tasks = [
    scheduler.task((n: number) => see(n)),
    scheduler.task(async (n: number) => {
      see(n);
      await new Promise((resolve) => setTimeout(resolve));
      see(n);
    }),
    scheduler.task((n: number) => ({ then: (fulfil: (n: number) => void) => fulfil(see(n)) })),
  ];
  const expected: string[] = [];
  scheduler.onStart(() => {
    for (let n = 0; n < 9; n++) {
      const name = n % 4 === 0 ? undefined : `request ${n}`;
      as(name, () => tasks[n % 3]?.submit(n));
      expected.push(...Array(n % 3 === 1 ? 2 : 1).fill(`${n}: ${name ?? "none"}`));
    }
  });
  await as("run", () => scheduler.run());
  assertEquals(seen, expected);
});

Deno.test("SequentialExecutor keeps the contexts of calls that are submitted inside an event", async () => {
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  const task = scheduler.task((name: string) => seen.push(`${name}: ${store()}`));
  task.onSubmitted((_future, name) => {
    if (name === "outer") as("inner", () => task.submit("inner"));
  });
  scheduler.onStart(() => as("outer", () => void task.submit("outer")));
  await as("run", () => scheduler.run());
  assertEquals(seen, ["outer: outer", "inner: inner"]);
});

Deno.test("Executor.submit() always runs in the context of Task.submit()", async () => {
  const seen: string[] = [];
  const executor: Executor = {
    name: "ThisExecutor",
    workerCount: 1,
    submit: (call: Call) => {
      seen.push(`${call.args[0]}: ${store()}`);
      queueMicrotask(() => call.succeed(1));
    },
    cancel: () => {},
    shutdown: () => Promise.resolve({ runaways: 0 }),
  };
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((name: string) => name);
  scheduler.onStart(() => {
    as("a", () => task.submit("a"));
  });
  task.onSubmitted((_future, name) => {
    // A call that is accepted and not handed over before the end.
    if (name === "a") as("b", () => task.submit("b"));
    else as("other", () => scheduler.stop());
  });
  await as("run", () => scheduler.run({ wait: "all" }));
  assertEquals(seen.sort(), ["a: a", "b: b"]);
});

Deno.test("A settled call kept by its executor holds no store", async () => {
  const calls: Call[] = [];
  const executor: Executor = {
    name: "KeepingExecutor",
    workerCount: 1,
    submit: (call: Call) => {
      calls.push(call);
      queueMicrotask(() => call.succeed(1));
    },
    cancel: () => {},
    shutdown: () => Promise.resolve({ runaways: 0 }),
  };
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((n: number) => n);
  const run = scheduler.run({ endOnEmpty: false });
  const references = await requests(task);
  await until(() => references.every((reference) => reference.deref() === undefined));
  assertEquals(calls.length, 15);
  scheduler.stop();
  await run;
});

Deno.test("Events of plugins about a future see the store of its submit()", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const seen: string[] = [];
  const limited = scheduler.task(() => new Promise<never>(() => setInterval(() => {}, 60_000)), {
    plugins: new ResourceLimits({ wallTime: 20 }),
  });
  const once = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
  limited.on("wall-time-limit-reached", () => seen.push(`wall time: ${store()}`));
  once.on("call-limit-reached", () => seen.push(`calls: ${store()}`));
  scheduler.onStart(() => {
    as("a", () => limited.submit());
    as("b", () => once.submit(1));
    as("c", () => once.submit(2));
  });
  await as("run", () => scheduler.run({ onException: "ignore" }));
  assertEquals(seen, ["calls: c", "wall time: a"]);
});

Deno.test("Scheduler.callLater() calls in the context of its call, under a fake clock too", async () => {
  const scheduler = Scheduler.withSequential();
  const seen: string[] = [];
  const run = as("run", () => scheduler.run({ endOnEmpty: false }));
  const later = (name: string | undefined) =>
    as(name, () => {
      scheduler.callLater(5, async () => {
        seen.push(store());
        await Promise.resolve();
        seen.push(store());
      });
    });
  later("real");
  {
    using time = new FakeTime();
    for (const name of ["a", undefined, "b"]) later(name);
    await as("test", () => time.tickAsync(5));
    as("test", () => assertEquals(store(), "test"));
  }
  assertEquals(seen.filter((name) => name !== "real").sort(), ["a", "a", "b", "b", "none", "none"]);
  await new Promise<void>((resolve) => scheduler.callLater(20, resolve));
  assertEquals(seen.filter((name) => name === "real").length, 2);
  scheduler.stop();
  await run;
});

Deno.test("Emitter.once(), stream() and futures keep the context of readers", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const task = scheduler.task((n: number) => n);
  const run = as("run", () => scheduler.run({ endOnEmpty: false }));
  const seen: string[] = [];
  const readers = ["a", "b"].map((name) =>
    as(name, async () => {
      const results = task.stream("result");
      await task.once("result");
      seen.push(`once: ${store()}`);
      for await (const [, n] of results) {
        seen.push(`stream: ${store()}`);
        if (n === 2) break;
      }
      seen.push(`after: ${store()}`);
    })
  );
  const future = as("request", () => task.submit(1));
  as("c", () => future.then(() => seen.push(`then: ${store()}`)));
  await as("other", () => task.submit(2));
  await Promise.all(readers);
  scheduler.stop();
  await run;
  const ofReader = (
    name: string,
  ) => [`after: ${name}`, `once: ${name}`, ...Array(2).fill(`stream: ${name}`)];
  assertEquals(seen.sort(), [...ofReader("a"), ...ofReader("b"), "then: c"].sort());
});

Deno.test("The context of the caller is restored after all callbacks", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const seen: string[] = [];
  const enter = () => storage.enterWith("entered");
  const fail = () => {
    storage.enterWith("entered");
    throw new RangeError("in a callback");
  };
  for (const event of [...FUTURE_EVENTS, ...RUN_EVENTS]) {
    scheduler.on(event, enter);
    scheduler.on(event, fail);
  }
  const run = as("run", () => {
    const run = scheduler.run({ endOnEmpty: false, onException: "ignore" });
    seen.push(`run: ${store()}`);
    return run;
  });
  as("caller", () => {
    const future = as("request", () => {
      const future = task.submit(1);
      seen.push(`submit: ${store()}`);
      return future;
    });
    future.cancel();
    seen.push(`cancel: ${store()}`);
    scheduler.stop();
    seen.push(`stop: ${store()}`);
  });
  await run;
  assertEquals(seen, ["run: run", "submit: request", "cancel: caller", "stop: caller"]);
});

Deno.test("Calls run in a Deno without access to contexts", async () => {
  const { code, stdout, stderr } = await runFixture("without_contexts.ts", ["--allow-read"]);
  assertEquals([code, stdout, stderr], [0, "results 3, run ended as exhausted\n", ""]);
});
