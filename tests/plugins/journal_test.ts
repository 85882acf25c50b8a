// What a journal does to calls, on every executor.
import { StatementSync } from "node:sqlite";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type AnyPlugin,
  type CallOutcome,
  type Future,
  FutureCancelledError,
  Journal,
  JournalError,
  type JournalOptions,
  Limiter,
  Scheduler,
  type Submission,
  Throttle,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { JournalFile } from "../fixtures/journal_file.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, { ...BATCH }),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const same = (n: unknown): unknown => n;
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const outcomeOf = (future: PromiseLike<unknown> | undefined) =>
  Promise.resolve(future).catch((error: unknown) => error);

/** A task with a journal whose calls the test settles itself. */
function manually(
  options: JournalOptions,
  before: AnyPlugin[] = [],
  after: AnyPlugin[] = [],
  fn: (n: unknown) => unknown = same,
) {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const journal = new Journal(options);
  const plugins: AnyPlugin[] = [...before, journal, ...after];
  const task = scheduler.task(fn, { name: "same", plugins });
  return { executor, scheduler, journal, task, submit: (n: unknown) => task.submit(n) as Future };
}

function resultsOf(journal: Journal): unknown[] {
  return [...journal.entries()].map(({ result }) => result);
}

function injecting(value: unknown): AnyPlugin {
  return {
    name: "injecting",
    preSubmit: (submission: Submission) => ({ ...submission, injected: [value] }),
  };
}

/** Has a call tried again as long as `isBad` says so of its outcome. */
function retrying(isBad: (outcome: CallOutcome) => boolean): AnyPlugin {
  return {
    name: "retrying",
    preSettle: (_future: Future, outcome: CallOutcome) =>
      isBad(outcome) ? { retry: Promise.resolve() } : undefined,
  };
}

// --- hits

for (const [name, make] of Object.entries(SCHEDULERS)) {
  Deno.test(`Journal gives a known result without a worker (${name})`, async () => {
    using file = new JournalFile();
    const rows = { rows: [1, 2, 3], at: new Date(5), by: new Map([["a", new Uint8Array(2)]]) };
    const traces: string[][] = [];
    for (const hits of [0, 1]) {
      using journal = new Journal({ path: file.path });
      const scheduler = make();
      const task = scheduler.task((rows: unknown, n: number) => ({ rows, n }), {
        name: "load",
        plugins: journal,
      });
      traces.push(traceOf(scheduler, task));
      const known: unknown[] = [];
      task.on("journal-hit", (future, result) => known.push(future.state, future.args[1], result));
      await during(scheduler, async () => {
        const future = task.submit(rows, 4);
        assertEquals([future.state, future.done], ["pending", false]);
        assertEquals(await future, { rows, n: 4 });
        assertEquals(future.startedAt === undefined, hits === 1);
      });
      assertEquals(known, hits === 0 ? [] : ["pending", 4, { rows, n: 4 }]);
      assertEquals(journal.statistics(), { path: file.path, hits, misses: 1 - hits });
      const { workers } = scheduler.statistics();
      const used = name === "sequential" ? "callsDone" : "starts";
      assertEquals(workers.some((worker) => worker[used] > 0), hits === 0);
    }
    const events = ["future-done", "future-result", "load done", "load result"];
    const first = ["start", "future-submitted", "load submitted"];
    const last = ["empty", "finishing", "finished"];
    assertEquals(traces, [
      [...first, ...events, ...last],
      [...first, "load journal-hit", ...events, ...last],
    ]);
  });

  Deno.test(`Journal finds the results of other executors (${name})`, async () => {
    using file = new JournalFile();
    for (const [index, other] of [SCHEDULERS["sequential"], make].entries()) {
      using journal = new Journal({ path: file.path });
      const scheduler = (other as () => Scheduler)();
      const data = scheduler.share({ rows: new Float64Array([1, 2]) });
      const sum = scheduler.task(
        (data: { rows: Float64Array }, n: number) => data.rows.length + n,
        {
          name: "sum",
          plugins: journal,
        },
      );
      await during(scheduler, async () => assertEquals(await sum.submit(data, 3), 5));
      assertEquals(journal.statistics()["hits"], index);
    }
  });
}

Deno.test("Journal gives each hit a copy of its own", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, async () => {
    submit(1);
    executor.calls[0]?.succeed({ list: [1] });
    const [one, other] = await Promise.all([submit(1), submit(1)]) as { list: number[] }[];
    one?.list.push(2);
    assertEquals([one, other, await submit(1)], [{ list: [1, 2] }, { list: [1] }, { list: [1] }]);
    assertEquals(executor.calls.length, 1);
  });
});

Deno.test("Journal knows undefined, null and false as results", async () => {
  using file = new JournalFile();
  for (const value of [undefined, null, false, 0, ""]) {
    const { scheduler, executor, submit, journal } = manually({ path: file.path });
    using _ = journal;
    await during(scheduler, async () => {
      submit([value]);
      executor.calls[0]?.succeed(value);
      assertStrictEquals(await submit([value]), value);
      assertEquals([executor.calls.length, journal.statistics()["hits"]], [1, 1]);
    });
  }
});

Deno.test("Journal writes a result before future-done", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  const seen: unknown[] = [];
  scheduler.onFutureDone(() => seen.push(resultsOf(journal)));
  await during(scheduler, () => {
    submit(1);
    executor.calls[0]?.succeed(5);
  });
  assertEquals(seen, [[5]]);
});

Deno.test("Journal writes neither errors nor cancelled calls", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, async () => {
    const futures = [submit(1), submit(2)];
    executor.calls[0]?.fail(new RangeError("no"));
    futures[1]?.cancel();
    await Promise.all(futures.map(outcomeOf));
    assertEquals(resultsOf(journal), []);
    submit(1);
    executor.calls[2]?.succeed(7);
  }, { onException: "ignore" });
  assertEquals(resultsOf(journal), [7]);
});

// --- equal calls at a time

Deno.test("Journal: an equal call waits for the first, and hits", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, async () => {
    const futures = [submit(1), submit(1), submit(2), submit(1)];
    await turn();
    assertEquals(executor.calls.map(({ args }) => args[0]), [1, 2]);
    assertEquals(futures.map(({ state }) => state), Array(4).fill("pending"));
    executor.calls[0]?.succeed("one");
    executor.calls[1]?.succeed("two");
    assertEquals(await Promise.all(futures), ["one", "one", "two", "one"]);
  });
  assertEquals([executor.calls.length, journal.statistics()["hits"]], [2, 2]);
});

for (const way of ["fails", "is cancelled"] as const) {
  Deno.test(`Journal: an equal call runs if the first ${way}`, async () => {
    using file = new JournalFile();
    const { scheduler, executor, submit, journal } = manually({ path: file.path });
    using _ = journal;
    await during(scheduler, async () => {
      const [first, ...others] = [submit(1), submit(1), submit(1), submit(1)];
      const end = (call: number, future: Future | undefined) =>
        way === "fails" ? executor.calls[call]?.fail(new RangeError("no")) : future?.cancel();
      end(0, first);
      await turn();
      assertEquals(executor.calls.length, 2);
      end(1, others[0]);
      await turn();
      assertEquals(executor.calls.length, 3);
      executor.calls[2]?.succeed(5);
      assertEquals(await Promise.all(others.slice(1)), [5, 5]);
    }, { onException: "ignore" });
    assertEquals(journal.statistics(), { path: file.path, hits: 1, misses: 3 });
  });
}

Deno.test("Journal: a call that is cancelled while it waits blocks none", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, async () => {
    const [first, second, third] = [submit(1), submit(1), submit(1)];
    assertEquals(second.cancel(), true);
    assertEquals(await outcomeOf(second) instanceof FutureCancelledError, true);
    first.cancel();
    await turn();
    assertEquals(executor.calls.length, 2);
    executor.calls[1]?.succeed(5);
    assertEquals(await third, 5);
  });
  assertEquals(journal.statistics()["misses"], 2);
});

Deno.test("Journal looks an equal call up twice at most", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  const count = 50;
  using reads = spyOnReads();
  await during(scheduler, async () => {
    for (let n = 0; n < count; n++) submit("equal");
    for (let n = 0; n < count; n++) {
      await turn();
      executor.calls[n]?.fail(new RangeError("no"));
    }
  }, { onException: "ignore" });
  assertEquals(journal.statistics()["misses"], count);
  assert(reads.count <= 2 * count, `${reads.count}`);
});

/** Counts the reads of all databases. */
function spyOnReads(): { readonly count: number } & Disposable {
  const { get } = StatementSync.prototype;
  const spy = { count: 0, [Symbol.dispose]: () => void (StatementSync.prototype.get = get) };
  StatementSync.prototype.get = function (...values: unknown[]) {
    spy.count++;
    return Reflect.apply(get, this, values);
  };
  return spy;
}

Deno.test("Journal: a refused or declined submission makes none wait", async () => {
  using file = new JournalFile();
  const declines = { name: "declines", preSubmit: (): null => null };
  const throws = {
    name: "throws",
    preSubmit(): Submission {
      throw new RangeError("no");
    },
  };
  for (const last of [declines, throws]) {
    const { scheduler, submit, journal } = manually({ path: file.path }, [], [last]);
    const other = manually({ path: file.path });
    using _ = journal;
    using _other = other.journal;
    await during(scheduler, () => {
      if (last === throws) assertThrows(() => submit(1), RangeError, "no");
      else assertEquals(submit(1), undefined);
    });
    await during(other.scheduler, async () => {
      const future = other.submit(last.name);
      await turn();
      other.executor.calls[0]?.succeed(3);
      assertEquals(await future, 3);
    });
    assertEquals(other.executor.calls.length, 1);
  }
});

Deno.test("Journal: equal calls of two schedulers wait for each other", async () => {
  using file = new JournalFile();
  const [one, other] = [manually({ path: file.path }), manually({ path: file.path })];
  using _one = one.journal;
  using _other = other.journal;
  await Promise.all([
    during(one.scheduler, async () => {
      one.submit(1);
      await turn();
      one.executor.calls[0]?.succeed(6);
    }),
    during(other.scheduler, async () => assertEquals(await other.submit(1), 6)),
  ]);
  assertEquals([one.executor.calls.length, other.executor.calls.length], [1, 0]);
});

Deno.test("Journal: a run that ends cancels what waits, and writes what runs", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  const futures: Future[] = [];
  scheduler.onStart(() => void futures.push(submit(1), submit(1)));
  const run = scheduler.run();
  executor.calls[0]?.started();
  scheduler.stop();
  await turn();
  executor.calls[0]?.succeed(5);
  await run;
  assertEquals(futures.map(({ state }) => state), ["done", "cancelled"]);
  assertEquals(resultsOf(journal), [5]);
});

// --- what plugins and futures change

Deno.test("Journal knows a call by the results of its futures", async () => {
  using file = new JournalFile();
  for (const hits of [0, 2]) {
    using journal = new Journal({ path: file.path });
    const scheduler = Scheduler.withWorkers(2, { ...BATCH });
    const load = scheduler.task((n: number) => ({ n: n % 2 }));
    const show = scheduler.task((data: { n: number }) => `n ${data.n}`, { plugins: journal });
    await during(scheduler, async () => {
      const futures = [1, 2, 3, 4].map((n) => show.submit(load.submit(n)));
      assertEquals(await Promise.all(futures), ["n 1", "n 0", "n 1", "n 0"]);
      assertEquals(await show.submit({ n: 1 }), "n 1");
    });
    assertEquals(journal.statistics()["hits"], 3 + hits);
  }
});

for (const order of ["before", "after"] as const) {
  Deno.test(`Journal counts what a plugin ${order} it changes`, async () => {
    using file = new JournalFile();
    const trim: AnyPlugin = {
      name: "trim",
      preSubmit: (submission: Submission) => ({
        ...submission,
        args: submission.args.map((arg) => String(arg).trim()),
      }),
    };
    const plugins: [AnyPlugin[], AnyPlugin[]] = order === "before" ? [[trim], []] : [[], [trim]];
    const { scheduler, executor, submit, journal } = manually({ path: file.path }, ...plugins);
    using _ = journal;
    await during(scheduler, async () => {
      submit("a");
      executor.calls[0]?.succeed(5);
      assertEquals(await submit(" a "), 5);
    });
  });

  Deno.test(`Journal counts what a plugin ${order} it injects`, async () => {
    using file = new JournalFile();
    for (const [seed, hits] of [[1, 0], [2, 0], [1, 1], [undefined, 0]]) {
      const plugins: [AnyPlugin[], AnyPlugin[]] = order === "before"
        ? [[injecting(seed)], []]
        : [[], [injecting(seed)]];
      const { scheduler, executor, submit, journal } = manually({ path: file.path }, ...plugins);
      using _ = journal;
      await during(scheduler, async () => {
        const future = submit("a");
        executor.calls[0]?.succeed(seed);
        assertStrictEquals(await future, seed);
      });
      assertEquals(journal.statistics()["hits"], hits);
    }
  });

  Deno.test(`Journal sees a retried call once, with the plugin ${order}`, async () => {
    using file = new JournalFile();
    const retry = retrying((outcome) => "exception" in outcome || outcome.result === "bad");
    const plugins: [AnyPlugin[], AnyPlugin[]] = order === "before" ? [[retry], []] : [[], [retry]];
    const { scheduler, executor, submit, journal } = manually({ path: file.path }, ...plugins);
    using _ = journal;
    await during(scheduler, async () => {
      const futures = [submit(1), submit(1)];
      executor.calls[0]?.fail(new RangeError("no"));
      await turn();
      executor.calls[1]?.succeed("bad");
      await turn();
      assertEquals([executor.calls.length, futures[1]?.state], [3, "pending"]);
      executor.calls[2]?.succeed("good");
      assertEquals(await Promise.all(futures), ["good", "good"]);
    });
    assertEquals(resultsOf(journal), ["good"]);
    assertEquals(journal.statistics(), { path: file.path, hits: 1, misses: 1 });
  });
}

Deno.test("Journal drops a result whose retry fails", async () => {
  using file = new JournalFile();
  const retry = retrying((outcome) => "result" in outcome);
  const { scheduler, executor, submit, journal } = manually({ path: file.path }, [], [retry]);
  using _ = journal;
  await during(scheduler, async () => {
    const future = submit(1);
    executor.calls[0]?.succeed("bad");
    await turn();
    executor.calls[1]?.fail(new RangeError("no"));
    await outcomeOf(future);
  }, { onException: "ignore" });
  assertEquals(resultsOf(journal), []);
});

Deno.test("Journal: a hit takes no turn of a Throttle", async () => {
  using file = new JournalFile();
  for (const isFirst of [true, false]) {
    const throttle = new Throttle({ maxConcurrent: 1 });
    const plugins: [AnyPlugin[], AnyPlugin[]] = isFirst ? [[throttle], []] : [[], [throttle]];
    const { scheduler, executor, submit, journal } = manually({ path: file.path }, ...plugins);
    using _ = journal;
    await during(scheduler, async () => {
      submit([isFirst, 1]);
      executor.calls[0]?.succeed(1);
      const running = submit([isFirst, 2]);
      assertEquals(await submit([isFirst, 1]), 1);
      assertEquals(running.state, "pending");
      executor.calls[1]?.succeed(2);
    });
  }
});

Deno.test("Journal: a hit counts as a call of a Limiter", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path }, [
    new Limiter({ maxCalls: 2 }),
  ]);
  using _ = journal;
  await during(scheduler, async () => {
    submit(1);
    executor.calls[0]?.succeed(1);
    assertEquals([await submit(1), submit(1)], [1, undefined]);
  });
});

Deno.test("Journal: map() reads known results", async () => {
  using file = new JournalFile();
  for (const hits of [0, 50]) {
    using journal = new Journal({ path: file.path });
    const scheduler = Scheduler.withWorkers(2, { ...BATCH });
    const square = scheduler.task((n: number) => n * n, { plugins: journal });
    const items = Array.from({ length: 50 }, (_, n) => n);
    await during(scheduler, async () => {
      assertEquals(await Array.fromAsync(square.map(items)), items.map((n) => n * n));
    });
    assertEquals(journal.statistics()["hits"], hits);
  }
});

// --- the key

Deno.test("Journal: another task, function or version is another key", async () => {
  using file = new JournalFile();
  const keys = new Set<string>();
  const add = async (name: string, version: string | number | undefined, fn: () => unknown) => {
    using journal = new Journal({ path: file.path, version });
    const scheduler = Scheduler.withWorkers(1, { ...BATCH });
    const task = scheduler.task(fn, { name, plugins: journal });
    await during(scheduler, async () => void await task.submit());
    for (const { key } of journal.entries()) keys.add(key);
    return journal.statistics()["hits"];
  };
  const versions = [undefined, "1", 1, "2", "undefined", ""];
  for (const [count, version] of versions.entries()) {
    assertEquals(await add("a", version, () => 1), 0);
    assertEquals([await add("a", version, () => 1), keys.size], [1, count + 1]);
  }
  assertEquals(await add("b", undefined, () => 1), 0);
  assertEquals(await add("a", undefined, () => 2), 0);
  assertEquals(await add("a", undefined, () => 1), 1);
});

Deno.test("Journal: key() stands in place of the arguments", async () => {
  using file = new JournalFile();
  const data = { id: "iris", load: () => [1, 2] };
  const options = { path: file.path, key: ({ id }: typeof data, n: number) => [id, n] };
  using journal = new Journal(options);
  const scheduler = Scheduler.withSequential();
  const plugins: AnyPlugin[] = [journal, injecting("seed")];
  const fn = (_seed: unknown, data: { load(): number[] }, n: number) => data.load().length + n;
  const count = scheduler.task(fn as unknown as (data: unknown, n: number) => number, { plugins });
  await during(scheduler, async () => {
    assertEquals(await count.submit(data, 1), 3);
    assertEquals(await count.submit({ ...data, load: () => [] }, 1), 3);
    assertEquals(await count.submit(data, 2), 4);
    assertEquals(await count.submit({ ...data, id: "other" }, 1), 3);
  });
  assertEquals(journal.statistics(), { path: file.path, hits: 1, misses: 3 });
});

Deno.test("Journal: a call without a key fails with place and remedy", async () => {
  using file = new JournalFile();
  const cases: [arg: unknown, message: string][] = [
    [{ rows: [() => {}] }, "argument 1, at .rows[0], is a function (anonymous)"],
    [[Symbol("a")], "argument 1, at [0], is a symbol"],
    [{ blob: new Blob([]) }, "argument 1, at .blob, is a Blob, which cannot be part of a key"],
    [[new URL("file:///a")], "argument 1, at [0], is a URL"],
    [Promise.resolve(), "argument 1 is a promise"],
  ];
  for (const [arg, message] of cases) {
    using journal = new Journal({ path: file.path });
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(same, { plugins: journal });
    await during(scheduler, async () => {
      const error = await outcomeOf(task.submit(arg));
      assert(error instanceof JournalError, String(error));
      assert(error.message.includes(message), error.message);
      assert(error.message.endsWith("or give the Journal a key() of its arguments"), error.message);
      // The next call is not affected.
      assertEquals(await task.submit(1), 1);
    }, { onException: { run: "ignore" } });
  }
});

Deno.test("Journal: what key() does wrong fails the call", async () => {
  using file = new JournalFile();
  const cases: [key: () => unknown, message: string][] = [
    [() => {
      throw new RangeError("no id");
    }, "key() of the Journal of same threw: RangeError: no id"],
    [() => Promise.reject(new Error("no")), "must return a value, not a promise"],
    [() => [() => {}], "What key() of the Journal of same returned, at [0], is a function"],
  ];
  for (const [key, message] of cases) {
    const { scheduler, executor, submit, journal } = manually({ path: file.path, key });
    using _ = journal;
    scheduler.onStart(() => void submit(1));
    await assertRejects(() => scheduler.run(), JournalError, message);
    assertEquals(executor.calls.length, 0);
  }
});

Deno.test("Journal refuses a function that has no text", () => {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  const task = Scheduler.withSequential();
  for (const fn of [Math.max, same.bind(null, 1)]) {
    assertThrows(
      () => task.task(fn, { name: "work", plugins: journal }),
      JournalError,
      "cannot identify the function of work",
    );
  }
});

// --- results

Deno.test("Journal: a result that cannot be stored is not lost", async () => {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  const scheduler = Scheduler.withSequential();
  const values = [() => 1, { f() {} }, new SharedArrayBuffer(1), new Blob([]), [new URL("a:b")]];
  const task = scheduler.task(
    ((n: number) => values[n] ?? n) as (n: number) => unknown,
    { name: "make", plugins: journal },
  );
  for (const [index, value] of values.entries()) {
    const run = scheduler.run();
    const future = task.submit(index);
    const error = await assertRejects(() => run, JournalError, "The result of make");
    assert(error.message.includes("cannot be "), error.message);
    assertStrictEquals(await future, value);
  }
  await during(scheduler, async () => {
    assertStrictEquals(await task.submit(0), values[0]);
    assertEquals(await task.submit(7), 7);
  }, { onException: { run: "ignore" } });
  assertEquals(resultsOf(journal), [7]);
});

Deno.test("Journal: a result that could not be read is not stored", async () => {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  const scheduler = Scheduler.withSequential();
  const nest = scheduler.task((depth: number) => {
    let value: object = {};
    for (let level = 0; level < depth; level++) value = { value };
    return value;
  }, { name: "nest", plugins: journal });
  scheduler.onStart(() => void nest.submit(2_000), { limit: 1 });
  await scheduler.run();
  // The engine writes so many levels, and does not read them.
  const run = scheduler.run();
  nest.submit(3_200);
  await assertRejects(() => run, JournalError, "The result of nest");
  assertEquals(resultsOf(journal).length, 1);
});

Deno.test("Journal: a damaged result is named, and can be deleted", async () => {
  using file = new JournalFile();
  const text = "a result that is easy to find in the file";
  {
    const { scheduler, executor, submit, journal } = manually({ path: file.path });
    using _ = journal;
    await during(scheduler, () => {
      submit(1);
      executor.calls[0]?.succeed(text);
    });
  }
  const bytes = Deno.readFileSync(file.path);
  const place = new TextDecoder("latin1").decode(bytes).indexOf(text);
  assert(place > 0);
  bytes[place] = 0;
  Deno.writeFileSync(file.path, bytes);
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, async () => {
    const error = await outcomeOf(submit(1));
    assert(error instanceof JournalError);
    const [, key = ""] = /delete\("(\w+)"\)/.exec(error.message) ?? [];
    assertThrows(() => resultsOf(journal), JournalError, key);
    assertEquals([journal.delete(key), journal.delete(key)], [true, false]);
    const again = submit(1);
    executor.calls[0]?.succeed(2);
    assertEquals([await again, resultsOf(journal)], [2, [2]]);
  }, { onException: { run: "ignore" } });
});

// --- its own members

Deno.test("Journal.entries() lists results in the order of writing", async () => {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  using other = new Journal({ path: file.path });
  const scheduler = Scheduler.withSequential();
  const [double, half] = [
    scheduler.task((n: number) => n * 2, { name: "double", plugins: journal }),
    scheduler.task((n: number) => n / 2, { name: "half", plugins: other }),
  ];
  const before = Date.now();
  await during(scheduler, async () => {
    for (let n = 0; n < 250; n++) await Promise.all([double.submit(n), half.submit(n)]);
  });
  const entries = [...journal.entries({ task: "double" })];
  assertEquals(entries.map(({ result }) => result), Array.from({ length: 250 }, (_, n) => n * 2));
  assert(entries.every(({ task, key }) => task === "double" && /^[0-9a-f]{64}$/.test(key)));
  const times = entries.map(({ createdAt }) => createdAt);
  assert(times.every((time) => time >= before && time <= Date.now()));
  assertEquals([...other.entries({ task: undefined })].length, 500);
  assertEquals([...journal.entries({ task: "none" })], []);
});

Deno.test("Journal.entries() allows deletions and writes meanwhile", async () => {
  using file = new JournalFile();
  const { scheduler, executor, submit, journal } = manually({ path: file.path });
  using _ = journal;
  await during(scheduler, () => {
    for (let n = 0; n < 300; n++) {
      submit(n);
      executor.calls[n]?.succeed(n);
    }
    let seen = 0;
    for (const { key } of journal.entries()) {
      if (seen++ === 0) {
        submit(300);
        executor.calls[300]?.succeed(300);
      }
      assertEquals(journal.delete(key), true);
    }
    assertEquals([seen, resultsOf(journal)], [301, []]);
    // Leaving the loop early leaves nothing open.
    for (const _ of journal.entries()) break;
  });
});

Deno.test("Journal.close() closes for this journal alone", async () => {
  using file = new JournalFile();
  const [one, other] = [manually({ path: file.path }), manually({ path: file.path })];
  using _ = other.journal;
  one.journal.close();
  one.journal.close();
  assertThrows(() => one.journal.delete("a"), JournalError, `${file.path} is closed`);
  assertThrows(() => resultsOf(one.journal), JournalError, "is closed");
  scheduleOne(one.scheduler, one.submit);
  await assertRejects(() => one.scheduler.run(), JournalError, "is closed");
  await during(other.scheduler, async () => {
    const future = other.submit(1);
    other.executor.calls[0]?.succeed(3);
    assertEquals(await future, 3);
  });
  assertEquals(resultsOf(other.journal), [3]);
  assertEquals(one.journal.statistics()["path"], file.path);
});

function scheduleOne(scheduler: Scheduler, submit: (n: unknown) => unknown): void {
  scheduler.onStart(() => void submit(1), { limit: 1 });
}

Deno.test("Journal refuses wrong options", () => {
  using file = new JournalFile();
  const wrong: [options: unknown, message: string][] = [
    [undefined, "takes an object of options"],
    [file.path, "takes an object of options"],
    [{}, "path must be"],
    [{ path: "" }, "path must be"],
    [{ path: 1 }, "path must be"],
    [{ path: new URL("https://example.com/a") }, "path must be"],
    [{ path: file.path, version: {} }, "version must be"],
    [{ path: file.path, key: "id" }, "key must be a function"],
    [{ path: file.path, synchronous: "off" }, `synchronous must be "normal" or "full"`],
    [{ path: file.path, sync: "full" }, `no option "sync"`],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => new Journal(options as JournalOptions), TypeError, message);
  }
  assertEquals(file.names(), []);
});

Deno.test("Journal.statistics() is shown in the tree", () => {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  const scheduler = Scheduler.withSequential();
  scheduler.task(same, { plugins: journal });
  const shown = `plugin journal path=${file.path} hits=0 misses=0`;
  assert(scheduler.toString().includes(shown), scheduler.toString());
});
