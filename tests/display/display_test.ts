// run({ display }): its options, when it draws, and that it never affects the run.
import { setImmediate } from "node:timers";
import {
  type DisplayOptions,
  type Executor,
  type RunOptions,
  Scheduler,
  type WorkerStatistics,
} from "@amltk/scheduling";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { replaceMethod } from "../fixtures/replaced_method.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

/** Keeps what is written to it. */
class TestStream {
  readonly writes: string[] = [];
  readonly #isTerminal: boolean;

  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal;
  }

  get text(): string {
    return this.writes.join("");
  }

  writeSync(bytes: Uint8Array): number {
    this.writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }

  isTerminal(): boolean {
    return this.#isTerminal;
  }
}

/** Streams that take nothing. */
const BROKEN: Readonly<Record<string, () => number>> = {
  closed: () => {
    throw new Deno.errors.BrokenPipe();
  },
  full: () => 0,
  mistaken: () => NaN,
};

/** Ends the calls of a scheduler and moves the time, while its run has a display. */
interface Watched {
  readonly executor: ManualExecutor;
  readonly scheduler: Scheduler;
  readonly time: FakeTime;
}

const macrotask = () => new Promise((resolve) => setImmediate(resolve));

/** Runs four calls; `act` is called as soon as the display has begun. */
async function watched(
  display: DisplayOptions,
  act: (watched: Watched) => unknown,
  options: RunOptions = {},
): Promise<void> {
  using time = new FakeTime();
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task((n: number) => n, { name: "work" });
  scheduler.onStart(() => {
    for (let n = 0; n < 4; n++) task.submit(n);
  });
  const run = scheduler.run({ display, ...options });
  run.catch(() => {});
  while (time.timerCount === 0) await macrotask();
  await act({ executor, scheduler, time });
  await run;
  assertEquals(time.timerCount, 0);
}

function end({ executor }: Watched, ...calls: readonly number[]): void {
  for (const n of calls) {
    executor.calls[n]?.started();
    executor.calls[n]?.succeed(n);
  }
}

/** A line without what depends on the speed of the machine. */
function masked(line: string): string {
  return line.replace(/[\d.]+ s\b/g, "<time>").replace(/[\d.,]+\/s/g, "<rate>");
}

Deno.test("run() refuses bad options of display before any event", async () => {
  const cases: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [1, TypeError, "display must be true, false or options, not 1"],
    [null, TypeError, "display must be true, false or options, not null"],
    [[], TypeError, "display takes an object of options, not an array"],
    [() => {}, TypeError, "display must be true, false or options, not function"],
    [{ totals: 3 }, TypeError, 'display has no option "totals": it has stream, interval, total'],
    [{ total: 0 }, RangeError, "total must be a positive integer, not 0"],
    [{ total: 1.5 }, RangeError, "total must be a positive integer, not 1.5"],
    [{ total: "3" }, TypeError, 'total must be a number, not "3"'],
    [{ total: 3n }, TypeError, "total must be a number, not 3n"],
    [{ interval: 99 }, RangeError, "interval must be 100 or more milliseconds, not 99"],
    [{ interval: NaN }, RangeError, "interval must be 100 or more milliseconds, not NaN"],
    [{ interval: "1" }, TypeError, 'interval must be a number, not "1"'],
    [{ stream: {} }, TypeError, "stream must be a stream such as Deno.stderr, not an object"],
    [{ stream: "stderr" }, TypeError, 'stream must be a stream such as Deno.stderr, not "stderr"'],
    [
      { stream: { writeSync() {}, isTerminal: true } },
      TypeError,
      "not an object of Object: isTerminal must be a function",
    ],
  ];
  const scheduler = Scheduler.withSequential();
  for (const [display, type, message] of cases) {
    await assertRejects(() => scheduler.run({ display } as RunOptions), type, message);
  }
  assertEquals(Object.values(scheduler.eventCounts).every((count) => count === 0), true);
  for (const display of [false, undefined, { stream: undefined, interval: undefined }]) {
    const options = typeof display === "object"
      ? { ...display, stream: new TestStream(false) }
      : display;
    assertEquals((await scheduler.run({ display: options })).code, "exhausted");
  }
});

Deno.test("display writes a line every five seconds where there is no terminal", async () => {
  const stream = new TestStream(false);
  await watched({ stream, total: 8 }, async (run) => {
    assertEquals(stream.writes, []);
    end(run, 0);
    await run.time.tickAsync(4999);
    assertEquals(stream.writes.length, 0);
    await run.time.tickAsync(1);
    assertEquals(stream.writes.length, 1);
    end(run, 1);
    run.executor.calls[2]?.started();
    await run.time.tickAsync(5000);
    end(run, 3, 2);
  });
  assertEquals(stream.writes.map(masked), [
    "<time>  1 of 8 done, 0 running, 3 pending, <rate>, about <time> left\n",
    "<time>  2 of 8 done, 1 running, 1 pending, <rate>, about <time> left\n",
    "<time>  4 of 8 done, <rate>, exhausted after <time>: nothing is left to do\n",
  ]);
});

Deno.test("display redraws ten times a second on a terminal, each by one write", async () => {
  const stream = new TestStream(true);
  await watched({ stream }, async (run) => {
    assertEquals(stream.writes.length, 1);
    await run.time.tickAsync(99);
    assertEquals(stream.writes.length, 1);
    await run.time.tickAsync(901);
    assertEquals(stream.writes.length, 11);
    end(run, 0, 1, 2, 3);
  });
  assertEquals(stream.writes.length, 12);
  for (const write of stream.writes) {
    // The terminal is in its normal state: lines are wrapped, the cursor is at the begin of a line.
    assert(write.endsWith("\r\n\x1b[J\x1b[?7h\x1b[?2026l"));
    assertEquals(write.split("\x1b[?7h").length, 2);
    assertEquals(write.includes("\x1b[?25"), false);
  }
});

Deno.test("display counts no cancelled call as done", async () => {
  const stream = new TestStream(false);
  await watched({ stream, total: 4 }, (run) => {
    end(run, 0);
    run.executor.calls[1]?.started();
    run.scheduler.stop();
  }, { wait: false });
  assertEquals(stream.writes.map(masked), [
    "<time>  1 of 4 done, 3 cancelled, <rate>, stopped after <time>\n",
  ]);
});

Deno.test("display uses its interval on terminals and elsewhere", async () => {
  for (const isTerminal of [true, false]) {
    const stream = new TestStream(isTerminal);
    await watched({ stream, interval: 250 }, async (run) => {
      const before = stream.writes.length;
      await run.time.tickAsync(249);
      assertEquals(stream.writes.length, before);
      await run.time.tickAsync(501);
      assertEquals(stream.writes.length, before + 3);
      end(run, 0, 1, 2, 3);
    });
  }
});

Deno.test("display counts the calls of its run alone", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    task.submit(1);
    task.submit(2);
  });
  for (let n = 0; n < 2; n++) {
    const stream = new TestStream(false);
    await scheduler.run({ display: { stream } });
    assertMatch(stream.writes.at(-1) ?? "", /^[\d.]+ s {2}2 done, .*: nothing is left to do\n$/);
  }
});

Deno.test("display shows the end of runs that reject", async () => {
  const stream = new TestStream(false);
  const error = new RangeError("no");
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    throw error;
  });
  assertEquals(await scheduler.run({ display: { stream } }).catch((error) => error), error);
  assertMatch(stream.text, /exception after [\d.]+ s: RangeError: no\n$/);

  const aborted = new TestStream(false);
  const idle = Scheduler.withSequential();
  const run = idle.run({ display: { stream: aborted }, endOnEmpty: false });
  run.catch(() => {});
  await idle[Symbol.asyncDispose]();
  assertMatch(aborted.text, /stopped after [\d.]+ s: AbortError: The scheduler was disposed\n$/);
  assertEquals(idle.statistics().lastExit?.code, "stopped");
});

Deno.test("display ends before run() settles, after finished", async () => {
  const order: string[] = [];
  const scheduler = Scheduler.withSequential();
  scheduler.onFinished(() => order.push("finished"));
  const stream = {
    writeSync(bytes: Uint8Array) {
      order.push(`${scheduler.statistics().phase}`);
      return bytes.length;
    },
  };
  await scheduler.run({ display: { stream } });
  order.push("settled");
  assertEquals(order, ["finished", "not running", "settled"]);
});

for (const isTerminal of [true, false]) {
  for (const [kind, writeSync] of Object.entries(BROKEN)) {
    const what = `${kind} ${isTerminal ? "terminal" : "pipe"}`;
    Deno.test(`display never fails a run: ${what}`, async () => {
      const stream = { writeSync, isTerminal: () => isTerminal };
      await watched({ stream, interval: 100 }, async (run) => {
        await run.time.tickAsync(500);
        end(run, 0, 1, 2, 3);
      });
    });
  }
}

Deno.test("display that cannot begin leaves no listener", async () => {
  const stream = {
    writeSync: () => 1,
    isTerminal: () => {
      throw new Error("not now");
    },
  };
  const scheduler = Scheduler.withSequential();
  let notice: unknown;
  using _silenced = replaceMethod(console, "error", () => (text) => notice = text);
  assertEquals((await scheduler.run({ display: { stream } })).code, "exhausted");
  assertEquals(notice, "The display of the run cannot be shown: Error: not now");
  assertEquals(scheduler.hears("future-submitted"), false);
});

Deno.test("display never fails a run: executor that cannot be asked", async () => {
  class Unaskable extends ManualExecutor implements Executor {
    isAsked = true;
    workers(): readonly WorkerStatistics[] {
      if (this.isAsked) return [];
      throw new Error("not now");
    }
  }
  for (const isTerminal of [true, false]) {
    const stream = new TestStream(isTerminal);
    const executor = new Unaskable();
    const scheduler = new Scheduler(executor);
    scheduler.onStart(() => {
      scheduler.submit(() => 1);
      executor.isAsked = false;
    });
    const run = scheduler.run({ display: { stream } });
    while (executor.calls.length === 0) await macrotask();
    executor.calls[0]?.succeed(1);
    assertEquals((await run).code, "exhausted");
    assertEquals(stream.text.includes("done"), false);
  }
});

Deno.test("display writes on when a stream takes less than all bytes", async () => {
  const written: number[] = [];
  const stream = {
    writeSync(bytes: Uint8Array) {
      written.push(bytes[0] ?? 0);
      return 1;
    },
  };
  await Scheduler.withSequential().run({ display: { stream } });
  assertMatch(new TextDecoder().decode(new Uint8Array(written)), /^[\d.]+ s {2}0 done, .*do\n$/);
});

for (const kind of ["workers", "processes"]) {
  Deno.test(`${kind}: display pipes what calls print as it is`, async () => {
    const folder = await Deno.makeTempDir();
    for (const step of ["print", "end"]) await Deno.writeTextFile(`${folder}/${step}`, "");
    const outcome = await runFixture("displays_runs.ts", ["--allow-all"], [folder, "output", kind]);
    await Deno.remove(folder, { recursive: true });
    assertEquals(
      outcome.stdout,
      "line one of 7\n\x1b[2J\x1b[31mred\x1b[0m 日本\nwithout an endafter the run\n",
    );
    const [printed, ...lines] = outcome.stderr.split("\n");
    assertEquals([printed, lines.pop()], ["an error of 7", ""]);
    // A slow run has several.
    for (const line of lines) assertMatch(line, /^[\d.]+ s {2}[01] done, /);
    assertMatch(lines.at(-1) ?? "", / 1 done, .*nothing is left to do$/);
  });
}

Deno.test("display shows text of hostile calls as it is", async () => {
  const stream = new TestStream(true);
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((_text: string): never => {
    throw new RangeError("\x1b[2J\u202eno\n");
  }, { name: "bad\x1b]0;title\x07" });
  scheduler.onStart(() => {
    task.submit("\x9b2J");
  });
  await scheduler.run({ display: { stream }, onException: "ignore" });
  assert(stream.text.includes("bad\\x1b]0;title\\x07"));
  assert(stream.text.includes("RangeError: \\x1b[2J\\u202eno\\n"));
  for (const text of ["\x1b[2J", "\x1b]", "\u202e", "\x9b"]) assert(!stream.text.includes(text));
});
