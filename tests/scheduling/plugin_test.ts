import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type AnyPlugin,
  type AnyTask,
  type Future,
  Limiter,
  type Plugin,
  ResourceLimits,
  Scheduler,
  type Submission,
  type TaskFunction,
  type ThisArgs,
  type ThisTask,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { traceOf } from "../fixtures/trace.ts";

/** A plugin that notes when it is asked, and answers with `change` of the submission. */
function asked(
  name: string,
  log: string[],
  change: (submission: Submission) => Submission | null = (submission) => submission,
): Plugin & { preSubmit(submission: Submission): Submission | null } {
  return {
    name,
    preSubmit(submission) {
      log.push(`${name} ${submission.args.join(",")}`);
      return change(submission);
    },
  };
}

/** Runs with `start` as the callback of the event. */
async function runWith(scheduler: Scheduler, start: () => void): Promise<void> {
  using _subscription = scheduler.onStart(start);
  await scheduler.run();
}

// ----------------------------------------------------------------------------- preSubmit

Deno.test("Plugin.preSubmit() hooks are chained in list order", async () => {
  const scheduler = Scheduler.withSequential();
  const log: string[] = [];
  const append = (text: string) => (submission: Submission) => ({
    ...submission,
    args: [...submission.args, text],
  });
  const task = scheduler.task((...words: string[]) => words.join("-"), {
    plugins: [
      asked("a", log, append("A")),
      { name: "without preSubmit" },
      asked("b", log, append("B")),
      asked("c", log),
    ],
  });
  task.onSubmitted((_future, ...words) => log.push(`submitted ${words}`));
  task.onResult((_future, text) => log.push(`result ${text}`));
  await runWith(scheduler, () => void task.submit("x"));
  assertEquals(log, ["a x", "b x,A", "c x,A,B", "submitted x,A,B", "result x-A-B"]);
});

Deno.test("Plugin.preSubmit() that returns null skips later plugins", async () => {
  const scheduler = Scheduler.withSequential();
  const log: string[] = [];
  const task = scheduler.task((n: number) => n, {
    plugins: [asked("a", log), asked("b", log, () => null), asked("c", log)],
  });
  const trace = traceOf(scheduler, task);
  await runWith(scheduler, () => {
    assertEquals(task.submit(1), undefined);
    assertEquals([task.queue.size, scheduler.queue.size, task.submissionCount], [0, 0, 0]);
  });
  assertEquals(log, ["a 1", "b 1"]);
  assertEquals(trace, ["start", "empty", "finishing", "finished"]);
});

Deno.test("Plugin.preSubmit() receives a plain record of the submission", async () => {
  const scheduler = Scheduler.withSequential();
  const records: Submission[] = [];
  const fn = (n: number) => n;
  const keeper: Plugin = {
    name: "keeper",
    preSubmit(submission) {
      records.push(submission);
      return submission;
    },
  };
  const task = scheduler.task(fn, { plugins: keeper });
  const { signal } = new AbortController();
  const transfer = [new ArrayBuffer(1)];
  await runWith(scheduler, () => {
    task.submit(1);
    task.with({ signal, transfer }).submit(2);
  });
  const common = { task: task as AnyTask, function: fn as TaskFunction };
  assertEquals(records.length, 2);
  const [first, second] = records;
  assert(first !== undefined && second !== undefined);
  const keys = ["args", "function", "injected", "limits", "priority", "signal", "task", "transfer"];
  assertEquals(Object.keys(first).toSorted(), keys);
  assertEquals([first.args, first.signal, first.transfer], [[1], undefined, []]);
  assertEquals([second.args, second.signal, second.transfer], [[2], signal, transfer]);
  for (const record of records) {
    assertStrictEquals(record.task, common.task);
    assertStrictEquals(record.function, common.function);
    assertStrictEquals(Object.getPrototypeOf(record), Object.prototype);
  }
});

class Seed implements Plugin<SeedEvents, number> {
  readonly name = "seed";
  readonly events = ["seeded"] as const;
  declare readonly types?: { events: SeedEvents; injects: number };
  #next = 1;
  readonly #failed: (args: readonly unknown[]) => void;

  constructor(failed: (args: readonly unknown[]) => void = () => {}) {
    this.#failed = failed;
  }

  preSubmit(submission: Submission): Submission {
    submission.task.emit("seeded", ...submission.args);
    return { ...submission, injected: [this.#next++] };
  }

  preException(_future: Future, _error: unknown, args: readonly unknown[]): void {
    this.#failed(args);
  }
}

type SeedEvents = { seeded: [ThisArgs] };

for (const make of [() => Scheduler.withSequential(), () => Scheduler.withWorkers(1, BATCH)]) {
  const scheduler = make();
  Deno.test(`${scheduler.executor.name} passes injected arguments, which events omit`, async () => {
    const log: unknown[] = [];
    const task = scheduler.task((seed: number, text: string) => {
      if (text === "bad") throw new RangeError(`${text}-${seed}`);
      return `${text}-${seed}`;
    }, { plugins: [new Seed((args) => log.push(["failed", ...args])), new Watch()] });
    task.on("seeded", (...args) => log.push(["seeded", ...args]));
    task.on("seen", (_task, text) => log.push(["seen", text]));
    task.onSubmitted((_future, text) => log.push(["submitted", text]));
    task.onResult((_future, text) => log.push(["result", text]));
    task.onException((_future, error) => log.push(["exception", (error as Error).message]));
    using _start = scheduler.onStart(async () => {
      await task.submit("good");
      await task.submit("bad").catch(() => {});
    });
    await scheduler.run({ onException: [[RangeError, "ignore"]] });
    assertEquals(log, [
      ...["seeded", "seen", "submitted"].map((event) => [event, "good"]),
      ["result", "good-1"],
      ...["seeded", "seen", "submitted", "failed"].map((event) => [event, "bad"]),
      ["exception", "bad-2"],
    ]);
  });
}

Deno.test("submit() refuses the injection of a second plugin", async () => {
  const scheduler = Scheduler.withSequential();
  const injecting = (name: string): AnyPlugin => ({
    name,
    preSubmit: (submission) => ({ ...submission, injected: [name] }),
  });
  const task = scheduler.task((...all: string[]) => all, {
    plugins: [injecting("a"), new Limiter({ maxCalls: 9 }), injecting("b")],
  });
  await runWith(scheduler, () => {
    assertThrows(
      () => task.submit("x"),
      TypeError,
      "preSubmit() of b injects, and so does a plugin",
    );
  });
  assertEquals(task.submissionCount, 0);
});

Deno.test("submit() refuses injected arguments that are no array", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, {
    plugins: {
      name: "wrong",
      preSubmit: (submission) => ({ ...submission, injected: 5 as unknown as unknown[] }),
    },
  });
  await runWith(scheduler, () => {
    assertThrows(() => task.submit(1), TypeError, "injected must be an array, not 5");
  });
});

Deno.test("Plugin.preSubmit() may replace the function", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, {
    plugins: {
      name: "other",
      preSubmit: (submission) => ({ ...submission, function: (n: number) => n + 100 }),
    },
  });
  const results: number[] = [];
  task.onResult((_future, n) => results.push(n));
  await runWith(scheduler, () => void task.submit(1));
  assertEquals(results, [101]);
});

Deno.test("Plugin.preSubmit() may replace function and arguments", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task((text: string) => text, {
    plugins: {
      name: "other",
      preSubmit: (submission) => ({
        ...submission,
        function: (a: number, b: number) => a * b,
        args: [6, 7],
      }),
    },
  });
  const results: unknown[] = [];
  task.onResult((_future, result) => results.push(result));
  await runWith(scheduler, () => void task.submit("x"));
  assertEquals(results, [42]);
});

Deno.test("Plugin.preSubmit() may set a signal, which cancels", async () => {
  const scheduler = Scheduler.withSequential();
  const controller = new AbortController();
  const task = scheduler.task((n: number) => n, {
    plugins: {
      name: "signal",
      preSubmit: (submission) => ({ ...submission, signal: controller.signal }),
    },
  });
  await runWith(scheduler, () => {
    const future = task.submit(1);
    controller.abort();
    assertEquals(future.state, "cancelled");
  });
});

Deno.test("Plugin.preSubmit() is not called outside of a run", async () => {
  const scheduler = Scheduler.withSequential();
  const log: string[] = [];
  const task = scheduler.task((n: number) => n, { plugins: asked("a", log) });
  assertThrows(() => task.submit(1), Error, "not running");
  scheduler.onFinishing(() => {
    assertThrows(() => task.submit(2), Error, "ending");
  });
  await scheduler.run();
  assertEquals(log, []);
  assertEquals(scheduler.eventCounts.finishing, 1);
});

Deno.test("Plugin.preSubmit() may submit another task", async () => {
  const scheduler = Scheduler.withSequential();
  const results: string[] = [];
  const other = scheduler.task((n: number) => `other ${n}`);
  const task = scheduler.task((n: number) => `task ${n}`, {
    plugins: {
      name: "ahead",
      preSubmit(submission) {
        other.submit(Number(submission.args[0]));
        return submission;
      },
    },
  });
  for (const each of [task, other]) each.onResult((_future, text) => results.push(text));
  await runWith(scheduler, () => void task.submit(1));
  assertEquals(results, ["other 1", "task 1"]);
});

Deno.test("Plugin.preSubmit() that throws makes submit() throw", async () => {
  const scheduler = Scheduler.withSequential();
  const log: string[] = [];
  const error = new RangeError("not this one");
  const task = scheduler.task((n: number) => n, {
    plugins: [
      asked("a", log, (submission) => {
        if (submission.args[0] === 1) throw error;
        return submission;
      }),
      asked("b", log),
    ],
  });
  await runWith(scheduler, () => {
    assertStrictEquals(assertThrows(() => task.submit(1)), error);
    assertEquals([scheduler.queue.size, task.queue.size, task.submissionCount], [0, 0, 0]);
    task.submit(2);
  });
  assertEquals(log, ["a 1", "a 2", "b 2"]);
  assertEquals(task.eventCounts, { submitted: 1, done: 1, result: 1, exception: 0, cancelled: 0 });
});

Deno.test("Plugin.preSubmit() that throws in a callback is judged by onException", async () => {
  const scheduler = Scheduler.withSequential();
  const error = new RangeError("no");
  const task = scheduler.task(() => 1, {
    plugins: {
      name: "faulty",
      preSubmit(): Submission {
        throw error;
      },
    },
  });
  scheduler.onStart(() => void task.submit());
  assertStrictEquals(await assertRejects(() => scheduler.run()), error);
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
});

const garbage: [what: string, value: unknown, shown: string][] = [
  ["undefined", undefined, "undefined"],
  ["a number", 5, "5"],
  ["true", true, "true"],
  ["a string", "yes", '"yes"'],
  ["an array", [], "an array"],
  ["a promise", Promise.resolve(), "an object of Promise"],
  ["a Date", new Date(0), "an object of Date"],
  ["a function", () => {}, "function"],
];

for (const [what, value, shown] of garbage) {
  Deno.test(`Plugin.preSubmit() that returns ${what} makes submit() throw a TypeError`, async () => {
    const scheduler = Scheduler.withSequential();
    const log: string[] = [];
    const task = scheduler.task(() => 1, {
      plugins: [{ name: "garbler", preSubmit: () => value as Submission }, asked("b", log)],
    });
    await runWith(scheduler, () => {
      const error = assertThrows(() => task.submit(), TypeError, "garbler");
      assert(error.message.includes(shown), error.message);
      assertEquals(scheduler.queue.size, 0);
    });
    assertEquals([log, scheduler.eventCounts["future-submitted"]], [[], 0]);
  });
}

for (
  const [what, change] of [
    ["no function", { function: 5 }],
    ["no arguments", { args: undefined }],
    ["arguments that are no array", { args: "ab" }],
    ["a transfer list that is no array", { transfer: 5 }],
    ["a signal that is none", { signal: {} }],
  ] as const
) {
  Deno.test(`Plugin.preSubmit() that returns a record with ${what} makes submit() throw`, async () => {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(() => 1, {
      plugins: {
        name: "garbler",
        preSubmit: (submission) => ({ ...submission, ...change } as Submission),
      },
    });
    const trace = traceOf(scheduler, task);
    await runWith(scheduler, () => {
      const error = assertThrows(() => task.submit(), TypeError);
      const [key = ""] = Object.keys(change);
      assert(error.message.includes(key), error.message);
      assertEquals([scheduler.queue.size, task.queue.size, task.submissionCount], [0, 0, 0]);
    });
    assertEquals(trace, ["start", "empty", "finishing", "finished"]);
  });
}

Deno.test("Plugin.preSubmit() with an unsendable function makes submit() throw", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task((n: number) => n, {
    plugins: {
      name: "native",
      preSubmit: (submission) => ({ ...submission, function: Math.abs as TaskFunction }),
    },
  });
  await runWith(scheduler, () => {
    assertThrows(() => task.submit(1), TypeError, "native");
    assertEquals([scheduler.queue.size, task.submissionCount], [0, 0]);
  });
});

// ----------------------------------------------------------------------------- attaching

class Watch implements Plugin<WatchEvents> {
  readonly name = "watch";
  readonly events = ["seen", "attached"] as const;
  declare readonly types?: { events: WatchEvents; injects: never };
  readonly tasks: AnyTask[] = [];

  attachTask(task: AnyTask): void {
    this.tasks.push(task);
    task.emit("attached");
  }

  preSubmit(submission: Submission): Submission {
    submission.task.emit("seen", submission.task, ...submission.args, "extra");
    return submission;
  }
}

type WatchEvents = { seen: [ThisTask, ThisArgs, extra: string]; attached: [] };

Deno.test("Plugin.attachTask() is called once and may emit events", () => {
  const scheduler = Scheduler.withSequential();
  const watch = new Watch();
  const task = scheduler.task((n: number) => n, { plugins: watch });
  assertEquals(watch.tasks.length, 1);
  assertStrictEquals(watch.tasks[0], task as AnyTask);
  assertEquals(task.eventCounts.attached, 1);
});

Deno.test("Plugin events are events of the task", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number, text: string) => `${n}${text}`, { plugins: new Watch() });
  const seen: unknown[] = [];
  task.on("seen", (sender, n, text, extra) => {
    assertStrictEquals(sender as unknown, task);
    seen.push([n, text, extra]);
  });
  await runWith(scheduler, () => {
    task.submit(1, "a");
    task.submit(2, "b");
  });
  assertEquals(seen, [[1, "a", "extra"], [2, "b", "extra"]]);
  assertEquals(Object.entries(task.eventCounts), [
    ["submitted", 2],
    ["done", 2],
    ["result", 2],
    ["exception", 0],
    ["cancelled", 0],
    ["seen", 2],
    ["attached", 1],
  ]);
});

Deno.test("Plugin events report errors of callbacks to onException", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { plugins: new Watch() });
  const error = new RangeError("of a callback");
  task.on("seen", () => {
    throw error;
  });
  scheduler.onStart(() => {
    assertEquals(task.submit(1).state, "pending");
  });
  assertStrictEquals(await assertRejects(() => scheduler.run()), error);
});

Deno.test("Plugin instance serves one task, once", () => {
  const scheduler = Scheduler.withSequential();
  const limiter = new Limiter({ maxCalls: 1 });
  const first = scheduler.task(() => {}, { plugins: limiter, name: "first" });
  const attempts = [
    () => scheduler.task(() => {}, { plugins: limiter }),
    () => Scheduler.withSequential().task(() => {}, { plugins: [limiter] }),
    () => first.attachPlugin(limiter),
  ];
  for (const attempt of attempts) {
    const error = assertThrows(attempt, TypeError, "limiter");
    assert(error.message.includes("first"), error.message);
  }
  const twice = { name: "twice" };
  assertThrows(() => scheduler.task(() => {}, { plugins: [twice, twice] }), TypeError, "twice");
  assertEquals(scheduler.tasks.map(({ name }) => name), ["first"]);
  assertEquals(first.plugins, [limiter]);
});

Deno.test("Task.attachPlugin() names anonymous tasks by their functions", () => {
  const scheduler = Scheduler.withSequential();
  const refusal = (plugin: AnyPlugin, fn: () => unknown) =>
    assertThrows(() => scheduler.task(fn, { plugins: plugin }), TypeError).message;
  const limiter = new Limiter({ maxCalls: 1 });
  const first = scheduler.task(() => 1, { plugins: limiter });
  assertEquals(
    refusal(limiter, () => 2),
    "Cannot attach plugin limiter to the task of ()=>2: it serves the task of ()=>1; make another one",
  );
  assertEquals(
    refusal(limiter, () => 1),
    "Cannot attach plugin limiter to the task of ()=>1: it serves another task of the same function; " +
      "make another one",
  );
  assertThrows(
    () => first.attachPlugin(limiter),
    TypeError,
    "Cannot attach plugin limiter to anonymous again: it serves it already",
  );
  const long = { name: "long" };
  scheduler.task(
    () => "a".repeat(2).concat("b".repeat(2), "c".repeat(2), "d".repeat(2), "e".repeat(2)),
    {
      plugins: long,
    },
  );
  assert(refusal(long, () => 2).includes("…; make another one"));
});

Deno.test("Plugin events that exist already are refused", () => {
  const scheduler = Scheduler.withSequential();
  const make = (...plugins: AnyPlugin[]) => () => scheduler.task(() => {}, { plugins });
  const plugin = (...events: string[]): AnyPlugin => ({ name: "p", events });
  for (const attempt of [make(plugin("done")), make(plugin("x", "x"))]) {
    assertThrows(attempt, TypeError, "already");
  }
  assertThrows(make(plugin("mine"), plugin("mine")), TypeError, '"mine" already');
  assertThrows(make(new Limiter({}), new Limiter({})), TypeError, "call-limit-reached");
  assertThrows(make(plugin("")), TypeError, "event");
  assertThrows(make({ name: "p", events: "mine" } as unknown as AnyPlugin), TypeError, "array");
  assertEquals(scheduler.tasks, []);
});

Deno.test("Plugin that a task refused may serve another one", () => {
  const scheduler = Scheduler.withSequential();
  const plugin: Plugin = { name: "p", events: ["done"] as never };
  assertThrows(() => scheduler.task(() => {}, { plugins: plugin }), TypeError);
  (plugin as { events: unknown }).events = ["mine"];
  assertEquals(scheduler.task(() => {}, { plugins: plugin }).plugins, [plugin]);
});

Deno.test("Plugin whose attachTask() throws is not attached", () => {
  const task = Scheduler.withSequential().task(() => {});
  const events = Object.keys(task.eventCounts);
  const error = new Error("not to this one");
  const attachTask = () => {
    throw error;
  };
  assertStrictEquals(
    assertThrows(() => task.attachPlugin({ name: "p", events: ["mine"] as never, attachTask })),
    error,
  );
  assertEquals([task.plugins, Object.keys(task.eventCounts)], [[], events]);
});

for (const value of [undefined, null, 5, "limiter", {}, { name: 5 }]) {
  Deno.test(`Task.attachPlugin() refuses ${JSON.stringify(value)}, which is no plugin`, () => {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(() => {});
    assertThrows(() => task.attachPlugin(value as never), TypeError, "plugin");
    assertThrows(
      () => scheduler.task(() => {}, { plugins: [value] as never }),
      TypeError,
      "plugin",
    );
  });
}

Deno.test("task() refuses a plugin in place of options", () => {
  const scheduler = Scheduler.withSequential();
  class Silent {
    readonly name = "silent";
    statistics() {
      return {};
    }
  }
  const plugins = [
    new Limiter({ maxCalls: 1 }),
    new ResourceLimits({ wallTime: 1 }),
    new Silent(),
    { name: "literal", events: [] },
    { name: "literal", attachTask() {} },
  ];
  for (const plugin of plugins) {
    assertThrows(
      () => scheduler.task(() => {}, plugin as never),
      TypeError,
      "task() takes plugins as an option: { plugins: [plugin] }",
    );
  }
  assertThrows(() => scheduler.task(() => {}, Limiter as never), TypeError, "the class Limiter");
});

Deno.test("task() and attachPlugin() refuse the class of a plugin", () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => {});
  const message = "A plugin is an object, not the class Limiter: pass an instance, new Limiter(…)";
  for (const plugins of [Limiter, [Limiter], [{ name: "p" }, Limiter]] as unknown[]) {
    assertThrows(() => scheduler.task(() => {}, { plugins } as never), TypeError, message);
  }
  assertThrows(() => task.attachPlugin(Limiter as never), TypeError, message);
  assertThrows(
    () => task.attachPlugin((() => {}) as never),
    TypeError,
    "A plugin is an object with a name, not function (anonymous)",
  );
  assertEquals(scheduler.tasks, [task]);
});

const misspelt: readonly [member: string, hook: string][] = [
  ["presubmit", "preSubmit"],
  ["pre_submit", "preSubmit"],
  ["PreSubmit", "preSubmit"],
  ["PRE_SUBMIT", "preSubmit"],
  ["_preSubmit", "preSubmit"],
  ["attachtask", "attachTask"],
  ["attach_task", "attachTask"],
  ["preexception", "preException"],
  ["pre_exception", "preException"],
  ["Statistics", "statistics"],
];

for (const [member, hook] of misspelt) {
  Deno.test(`task() refuses a plugin with ${member}, and names ${hook}`, () => {
    const scheduler = Scheduler.withSequential();
    const passes = (submission: Submission) => submission;
    class Base {
      readonly name = "odd";
    }
    Object.defineProperty(Base.prototype, member, { value: passes });
    class Derived extends Base {}
    class Limited extends Limiter {}
    Object.defineProperty(Limited.prototype, member, { value: passes });
    const plugins: [plugin: object, name: string][] = [
      [{ name: "odd", [member]: passes }, "odd"],
      [new Base(), "odd"],
      [new Derived(), "odd"],
      [new Limited({}), "limiter"],
    ];
    for (const [plugin, name] of plugins) {
      const error = assertThrows(
        () => scheduler.task(() => {}, { plugins: plugin as AnyPlugin }),
        TypeError,
      );
      assertEquals(
        error.message,
        `Plugin ${name} has a member ${member}, which is never called: the hook is ${hook}`,
      );
    }
  });
}

Deno.test("task() takes a plugin with members of its own", () => {
  const plugin = { name: "own", submit: () => {}, presubmits: 1, "pre-submit": 2, Name: "x" };
  assertEquals(Scheduler.withSequential().task(() => {}, { plugins: plugin }).plugins, [plugin]);
});

for (const hook of ["attachTask", "preSubmit", "preException", "statistics"]) {
  Deno.test(`task() refuses a plugin whose ${hook} is no function`, () => {
    const plugin = { name: "odd", [hook]: "yes" } as unknown as AnyPlugin;
    assertThrows(
      () => Scheduler.withSequential().task(() => {}, { plugins: plugin }),
      TypeError,
      `${hook} of plugin odd must be a function, not "yes"`,
    );
  });
}

Deno.test("Task.attachPlugin() appends a plugin", async () => {
  const scheduler = Scheduler.withSequential();
  const log: string[] = [];
  const first = asked("first", log);
  const second = asked("second", log, (submission) => ({ ...submission, args: [2] }));
  const task = scheduler.task((n: number) => n, { plugins: first });
  const results: number[] = [];
  task.onResult((_future, n) => results.push(n));
  await runWith(scheduler, () => {
    task.submit(1);
    task.attachPlugin(second);
    task.submit(1);
  });
  assertEquals(log, ["first 1", "first 1", "second 1"]);
  assertEquals(results, [1, 2]);
  assertEquals(task.plugins, [first, second]);
});

Deno.test("Task.attachPlugin() returns the task, with the plugin's events", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const limited = task.attachPlugin(new Limiter({ maxCalls: 1 }));
  assertStrictEquals<unknown>(limited, task);
  const declined: number[] = [];
  limited.on("call-limit-reached", (_task, n) => declined.push(n));
  await runWith(scheduler, () => {
    for (const n of [1, 2]) limited.submit(n);
  });
  assertEquals(declined, [2]);
});

Deno.test("Task.statistics() includes the statistics of each plugin", () => {
  const scheduler = Scheduler.withSequential();
  const plugins = [
    { name: "quiet" },
    { name: "loud", statistics: () => ({ seen: 3 }) },
  ];
  assertEquals(scheduler.task(() => {}, { plugins }).statistics().plugins, [
    { name: "quiet", details: {} },
    { name: "loud", details: { seen: 3 } },
  ]);
});

const mute: readonly [statistics: () => unknown, shown: string][] = [
  [() => {
    throw new RangeError("no numbers");
  }, "threw RangeError: no numbers"],
  [() => {
    throw "nothing";
  }, 'threw "nothing"'],
  [() => ({
    get count() {
      throw new RangeError("not counted");
    },
  }), "threw RangeError: not counted"],
  [() => Promise.reject(new RangeError("later")), "returned an object of Promise"],
  [() => 5, "returned 5"],
];

for (const [statistics, shown] of mute) {
  Deno.test(`The tree shows a plugin whose statistics() ${shown}`, async () => {
    const scheduler = Scheduler.withSequential();
    const plugins = [{ name: "mute", statistics } as AnyPlugin, new Limiter({ maxCalls: 5 })];
    const task = scheduler.task(() => {}, { plugins });
    for (const tree of [String(scheduler), String(task), Deno.inspect(scheduler)]) {
      assert(tree.includes(`plugin mute statistics()=${shown}`), tree);
      assert(tree.includes("plugin limiter maxCalls=0/5"), tree);
    }
    // The rejection of a promise is not left unhandled.
    await new Promise((resolve) => setTimeout(resolve));
  });
}

Deno.test("The tree shows values that cannot be turned into text", () => {
  const scheduler = Scheduler.withSequential();
  const statistics = () => ({
    symbol: Symbol("s"),
    bare: Object.create(null),
    hostile: {
      toString() {
        throw new RangeError("no");
      },
    },
  });
  scheduler.task(() => {}, { plugins: { name: "odd", statistics } });
  class Odd {
    static readonly name: unknown = Symbol("odd");
  }
  scheduler.onStart(Odd as never, { when: Odd as never });
  const tree = String(scheduler);
  assert(
    tree.includes("plugin odd symbol=Symbol(s) bare=an object hostile=an object of Object"),
    tree,
  );
  assert(tree.includes("(anonymous)() when"), tree);
});
