// What notebooks show of schedulers, tasks and emitters.
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Call,
  Comm,
  Emitter,
  type Executor,
  Limiter,
  type RunOptions,
  Scheduler,
  type WorkerComm,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { HOSTILE, shownAs } from "../fixtures/hostile_texts.ts";
import { type ParsedHtml, safeHtml, tableOf, textsOf } from "../fixtures/parsed_html.ts";

const MAKERS = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
} as const;

type Asks = WorkerComm<{ asked: string; answered: boolean }>;

async function askOnce(comm: Asks, n: number): Promise<number> {
  await comm.request("seen");
  if (n < 0) throw new RangeError("n must not be negative");
  return n;
}

/** The title, and the paragraphs below it. */
function paragraphs(html: ParsedHtml): string[] {
  return textsOf(html, "p").map((text) => text.replaceAll(/\s+/g, " "));
}

/** The cells without times, which differ from run to run. */
function withoutTimes(rows: string[][]): string[][] {
  return rows.map((row) => row.map((cell) => /^[\d.]+ (ms|s)$/.test(cell) ? "time" : cell));
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: Scheduler.toHTML() shows what each worker runs`, async () => {
    const scheduler = make();
    const task = scheduler.task(askOnce, { name: "ask", plugins: new Comm() });
    const pages: ParsedHtml[] = [];
    task.on("comm-request", (_future, _data, respond) => {
      if (pages.length === 0) pages.push(safeHtml(scheduler.toHTML()));
      respond(true);
    });
    scheduler.onStart(() => {
      for (const n of [1, -2, 3]) task.submit(n);
    });
    await scheduler.run({ onException: "ignore" });
    const [during] = pages;
    assert(during !== undefined);
    assertMatch(paragraphs(during)[0] ?? "", /^Scheduler ▶ running for .+, 1 worker$/);
    const [, [number, state, runs, time] = []] = tableOf(during, "Workers");
    assertEquals([number, state], ["1", "▶ busy"]);
    assertMatch(runs ?? "", /^ask #\d+$/);
    assertMatch(time ?? "", /^[\d.]+ m?s$/);
    assertEquals(tableOf(during, "Calls").map((row) => row.slice(0, 7)), [
      ["task", "unsettled", "held", "running", "succeeded", "failed", "cancelled"],
      ["ask", "3", "0", "1", "0", "0", "0"],
      ["all calls", "3", "0", "1", "0", "0", "0"],
    ]);

    const after = safeHtml(scheduler.toHTML());
    assertMatch(paragraphs(after)[0] ?? "", /^Scheduler not running · .+, 1 worker$/);
    assertMatch(
      paragraphs(after)[1] ?? "",
      /^The run ended after .+: exhausted, nothing was left to do\.$/,
    );
    assertEquals(tableOf(after, "Workers")[1], ["1", "ended", "", "", "3", "1", "0"]);
    assertEquals(withoutTimes(tableOf(after, "Calls")).slice(1), [
      ["ask", "0", "0", "0", "2", "1", "0", "time", "time"],
      ["all calls", "0", "0", "0", "2", "1", "0", "time", "time"],
    ]);
    assertEquals(withoutTimes(tableOf(after, "Settled last")).map((row) => row.slice(1)), [
      ["call", "outcome", "waited", "ran"],
      ["ask(3)", "✓ succeeded", "time", "time"],
      ["ask(-2)", "✗ failed: RangeError: n must not be negative", "time", "time"],
      ["ask(1)", "✓ succeeded", "time", "time"],
    ]);
  });

  Deno.test(`${name}: Scheduler.toHTML() counts lost workers`, async () => {
    const scheduler = make();
    scheduler.onStart(() => {
      scheduler.submit(() => Deno.exit(3));
    });
    await scheduler.run({ onException: "ignore" });
    assertEquals(tableOf(safeHtml(scheduler.toHTML()), "Workers")[1]?.at(-1), "1");
  });
}

Deno.test("Scheduler.toHTML() before the first run says so", () => {
  const html = safeHtml(Scheduler.withWorkers(2, BATCH).toHTML());
  assertEquals(paragraphs(html), ["Scheduler has not run yet · WebWorkerExecutor, 2 workers"]);
  assertEquals(tableOf(html, "Calls")[1]?.[0], "all calls");
});

const ENDS: readonly [shown: RegExp, options: RunOptions, start: (s: Scheduler) => void][] = [
  [
    /: stopped, stop\(\) was called, or the run was aborted, enough\.$/,
    {},
    (s) => s.stop("enough"),
  ],
  [/: timeout, its time was up\.$/, { timeout: 1, endOnEmpty: false }, () => {}],
  [/: cancelled, a call was cancelled: FutureCancelledError: .+$/, { onCancelled: "end" }, (s) => {
    s.submit(() => 1).cancel();
  }],
  [
    /: exception, an error ended it: RangeError: Invalid array length$/,
    { onException: "end" },
    (s) => {
      s.submit(() => new Array(-1));
    },
  ],
];

for (const [shown, options, start] of ENDS) {
  Deno.test(`Scheduler.toHTML() says how the run ended: ${shown.source}`, async () => {
    const scheduler = Scheduler.withSequential();
    scheduler.onStart(() => start(scheduler));
    await scheduler.run(options);
    assertMatch(paragraphs(safeHtml(scheduler.toHTML()))[1] ?? "", shown);
  });
}

Deno.test("Scheduler.toHTML() says what a run waits for", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(askOnce, { plugins: new Comm() });
  const pages: ParsedHtml[] = [];
  const show = () => pages.push(safeHtml(scheduler.toHTML()));
  const saved = Promise.withResolvers<void>();
  task.on("comm-request", (_future, _data, respond) => {
    scheduler.stop();
    queueMicrotask(() => {
      show();
      respond(true);
    });
  });
  scheduler.onFinished(async function save() {
    await Promise.resolve();
    show();
    saved.resolve();
  });
  scheduler.onStart(() => {
    task.submit(1);
  });
  await scheduler.run();
  await saved.promise;
  const [calls, callbacks] = pages;
  assert(calls !== undefined && callbacks !== undefined);
  assertMatch(paragraphs(calls)[0] ?? "", /^Scheduler ◼ finishing, ran for /);
  assertEquals(paragraphs(calls)[1], "The run waits for 1 running call.");
  assertEquals(paragraphs(callbacks)[1], "The run waits for async callbacks.");
  assertEquals(tableOf(callbacks, "Async callbacks under way")[1]?.slice(0, 3), [
    "save()",
    "finished",
    "1",
  ]);
});

Deno.test("Scheduler.toHTML() shows an iteration of map() as one", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { name: "same" });
  const rows: (string[] | undefined)[] = [];
  scheduler.onStart(async function readAll() {
    for await (const _n of task.map([1])) {
      rows.push(...tableOf(safeHtml(scheduler.toHTML()), "Async callbacks under way"));
    }
  });
  await scheduler.run();
  assertEquals(rows.map((row) => row?.slice(0, 3)).toSorted(), [
    ["callback", "of event", "how many"],
    ["readAll()", "start", "1"],
    ["same.map()", "–", "1"],
  ]);
});

Deno.test("Scheduler.toHTML() names the tasks that held calls wait for", async () => {
  const scheduler = Scheduler.withSequential();
  const load = scheduler.task((n: number) => n, { name: "load" });
  const sum = scheduler.task((a: number, b: number) => a + b, { name: "sum" });
  const rows: (string[] | undefined)[] = [];
  scheduler.onStart(() => {
    sum.submit(load.submit(1), load.submit(2));
    rows.push(tableOf(safeHtml(scheduler.toHTML()), "Calls")[2]);
  });
  await scheduler.run();
  assertEquals(rows[0]?.slice(0, 3), ["sum", "1", "1, wait for load"]);
});

Deno.test("Scheduler.toHTML() does not guess what tasks of one name run", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const first = scheduler.task(askOnce, { name: "ask", plugins: new Comm() });
  scheduler.task(askOnce, { name: "ask", plugins: new Comm() });
  scheduler.task(askOnce, { name: "other", plugins: new Comm() });
  const running: (string | undefined)[] = [];
  first.on("comm-request", (_future, _data, respond) => {
    running.push(...tableOf(safeHtml(scheduler.toHTML()), "Calls").map((row) => row[3]));
    respond(true);
  });
  scheduler.onStart(() => {
    first.submit(1);
  });
  await scheduler.run();
  assertEquals(running, ["running", "–", "–", "0", "1"]);
});

Deno.test("Scheduler.toHTML() lists events, callbacks and plugins in folds", () => {
  const scheduler = Scheduler.withSequential();
  const limiter = new Limiter({ maxCalls: 5 });
  const task = scheduler.task((n: number) => n, { name: "same", plugins: limiter });
  task.onResult(function keep() {}, { every: 2, when: () => true });
  const html = safeHtml(scheduler.toHTML());
  assertEquals(textsOf(html, "summary"), ["Events and callbacks", "Task same"]);
  const items = textsOf(html, "li");
  for (
    const item of ["plugin limiter maxCalls=0/5", "keep() called 0 times every=2 when", "start 0"]
  ) {
    assert(items.includes(item), item);
  }
  const fold = html.elements.filter(({ tagName }) => tagName === "details");
  assertEquals(fold.map(({ attrs }) => attrs), [[], []]);
});

Deno.test("Task.toHTML() has counts, function, plugins and events", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n < 2 && n, { plugins: new Limiter({ maxCalls: 2 }) });
  task.onDone(function note() {});
  scheduler.onStart(() => {
    for (const n of [1, 2, 3]) task.submit(n);
  });
  await scheduler.run();
  const html = safeHtml(task.toHTML());
  assertEquals(paragraphs(html), ["Task anonymous", "Function (n)=>n < 2 && n"]);
  const [head, row] = withoutTimes(tableOf(html, "Calls"));
  assertEquals(head?.includes("running"), false);
  assertEquals(row, ["anonymous", "0", "0", "2", "0", "0", "time", "time"]);
  const items = textsOf(html, "li");
  for (
    const item of ["plugin limiter maxCalls=2/2", "note() called 2 times", "call-limit-reached 1"]
  ) {
    assert(items.includes(item), item);
  }
});

Deno.test("Emitter.toHTML() has events, counts and callbacks", () => {
  const clock = new Emitter<{ tick: []; stop: [] }>({ name: "clock", events: ["tick", "stop"] });
  clock.on("tick", function ring() {}, { repeat: 2 });
  clock.emit("tick");
  const html = safeHtml(clock.toHTML());
  assertEquals(paragraphs(html), ["clock "]);
  assertEquals(textsOf(html, "li"), [
    "tick 1ring() called 2 times repeat=2",
    "ring() called 2 times repeat=2",
    "stop 0",
  ]);
});

Deno.test("toHTML() is that of statistics that a subclass has changed", () => {
  class Clock extends Emitter<{ tick: [] }> {
    override statistics(): ReturnType<Emitter<{ tick: [] }>["statistics"]> {
      return { ...super.statistics(), name: "slow clock" };
    }
  }
  assertEquals(paragraphs(safeHtml(new Clock({ events: ["tick"] }).toHTML())), ["slow clock "]);
});

Deno.test("toHTML() is an error that names the remedy without its object", () => {
  const { toHTML } = Scheduler.withSequential();
  try {
    toHTML();
  } catch (error) {
    assertStringIncludes(String(error), "toHTML() was called without its emitter");
    return;
  }
  throw new Error("toHTML() did not throw");
});

for (const [what, text] of Object.entries(HOSTILE)) {
  Deno.test(`toHTML() shows ${what} as text wherever it is`, async () => {
    const scheduler = new Scheduler(executorNamed(text));
    const task = scheduler.task((x: string) => x, {
      name: text,
      plugins: { name: text, statistics: () => ({ [text]: text }) },
    });
    const callback = Object.defineProperty(() => {}, "name", { value: text });
    task.onResult(callback);
    scheduler.onStart(async () => {
      await task.submit(text).catch(() => {});
      await scheduler.submit(callback).catch(() => {});
      scheduler.stop(text);
    });
    await scheduler.run({ onException: "ignore" });
    const emitter = new Emitter<Record<string, []>>({ name: text, events: [text] });
    emitter.on(text, callback);
    for (const shown of [scheduler, task, emitter]) {
      const html = safeHtml(shown.toHTML());
      assertStringIncludes(html.text, shownAs(text));
      assertStringIncludes(textsOf(html, "code").join(), `${shownAs(text)}()`);
    }
    const html = safeHtml(scheduler.toHTML());
    const expected = shownAs(text).trim();
    assertStringIncludes(paragraphs(html)[0] ?? "", expected.replaceAll(/\s+/g, " "));
    assertEquals(tableOf(html, "Calls")[1]?.[0], expected);
    assertStringIncludes(
      tableOf(html, "Settled last")[2]?.[2] ?? "",
      shownAs(`✗ failed: Error: ${text}`),
    );
    assert(textsOf(html, "q").includes(shownAs(text)));
  });
}

/** An executor whose calls fail with its name as message. */
function executorNamed(name: string): Executor {
  return {
    name,
    workerCount: 1,
    submit(call: Call): void {
      queueMicrotask(() => {
        call.started();
        call.fail(new Error(name));
      });
    },
    cancel(): void {},
    shutdown: () => Promise.resolve({ runaways: undefined }),
  };
}

Deno.test("Scheduler.toHTML() does not grow with its queue", async () => {
  const sizes: number[] = [];
  for (const count of [100, 10_000]) {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task((n: number) => n);
    scheduler.onStart(() => {
      for (let n = 0; n < count; n++) task.submit(n);
      sizes.push(scheduler.toHTML().length);
      scheduler.stop();
    });
    await scheduler.run();
  }
  const [small = 0, large = 0] = sizes;
  assertLess(Math.abs(large - small), 50);
});
