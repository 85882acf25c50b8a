import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type AnyPlugin,
  type Call,
  type Future,
  Limiter,
  Scheduler,
  type Submission,
  Throttle,
  type ThrottleOptions,
} from "@amltk/scheduling";
import fc from "fast-check";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";

const same = (n: number): number => n;
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Also keeps the arguments of calls, which let go of them when they settle. */
class RecordingExecutor extends ManualExecutor {
  readonly args: (readonly unknown[])[] = [];

  override submit(call: Call): void {
    super.submit(call);
    this.args.push(call.args);
  }
}

interface Throttled {
  readonly scheduler: Scheduler;
  readonly executor: RecordingExecutor;
  readonly throttle: Throttle;
  submit(n: number | Future<number>): Future<number>;
  /** What was sent to the executor, by the first argument. */
  sent(): unknown[];
}

function throttled(options: ThrottleOptions, ...others: AnyPlugin[]): Throttled {
  const executor = new RecordingExecutor();
  const scheduler = new Scheduler(executor);
  const throttle = new Throttle(options);
  const plugins: AnyPlugin[] = [throttle, ...others];
  const task = scheduler.task(same, { plugins });
  return {
    scheduler,
    executor,
    throttle,
    submit: (n) => task.submit(n) as Future<number>,
    sent: () => executor.args.map(([first]) => first),
  };
}

/** Acts in a run that goes on until all is settled. */
async function during(scheduler: Scheduler, act: () => void | Promise<void>): Promise<void> {
  const onException = { tasks: "ignore", run: "raise" } as const;
  scheduler.onStart(act, { limit: 1 });
  await scheduler.run({ onException, wait: false });
}

/** Takes the priority of a submission from its argument: `1.7` has priority 7. */
function prioritized(): AnyPlugin {
  return {
    name: "prioritized",
    preSubmit: (submission: Submission) => ({
      ...submission,
      priority: Math.round(Number(submission.args[0]) * 10) % 10,
    }),
  };
}

// --- limits

Deno.test("Throttle() refuses wrong limits", () => {
  const refused: [options: unknown, type: typeof TypeError, message: string][] = [
    [{}, TypeError, "A Throttle needs a limit: maxConcurrent, or maxStarts and interval"],
    [{ maxStarts: 1 }, TypeError, "maxStarts needs interval"],
    [{ interval: 1 }, TypeError, "interval needs maxStarts"],
    [{ interval: 1, maxConcurrent: 1 }, TypeError, "interval needs maxStarts"],
    [{ maxCalls: 1 }, TypeError, "maxCalls"],
    [undefined, TypeError, "takes an object of options"],
    ...["maxConcurrent", "maxStarts", "interval"].flatMap(
      (name): [options: unknown, type: typeof TypeError, message: string][] => [
        ...[0, -1, 1.5, NaN, Infinity].map((value): [unknown, typeof RangeError, string] => [
          { maxStarts: 1, interval: 1, [name]: value },
          RangeError,
          `${name} must be a positive integer, not ${value}`,
        ]),
        [{ maxStarts: 1, interval: 1, [name]: "2" }, TypeError, `${name} must be a number`],
        [{ maxStarts: 1, interval: 1, [name]: null }, TypeError, `${name} must be a number`],
      ],
    ),
  ];
  for (const [options, type, message] of refused) {
    assertThrows(() => new Throttle(options as ThrottleOptions), type, message);
  }
});

Deno.test("Throttle bounds the calls with the executor", async () => {
  const { scheduler, executor, submit, sent } = throttled({ maxConcurrent: 2 });
  await during(scheduler, () => {
    for (const n of [1, 2, 3, 4]) submit(n);
    assertEquals(sent(), [1, 2]);
    executor.calls[1]?.fail(new RangeError("no"));
    assertEquals(sent(), [1, 2, 3]);
    for (const call of executor.calls) call.succeed(1);
    assertEquals(sent(), [1, 2, 3, 4]);
    executor.calls[3]?.succeed(1);
  });
});

Deno.test("Throttle bounds the starts in a window that slides", async () => {
  using time = new FakeTime();
  const { scheduler, executor, submit, sent } = throttled({ maxStarts: 2, interval: 100 });
  const run = during(scheduler, () => {
    submit(1);
    time.tick(60);
    for (const n of [2, 3, 4, 5]) submit(n);
    // Ended calls do not matter.
    for (const call of executor.calls) call.succeed(1);
    assertEquals(sent(), [1, 2]);
    const counts = [39, 1, 59, 1, 39, 1].map((ms) => {
      time.tick(ms);
      return sent().length;
    });
    assertEquals(counts, [2, 3, 3, 4, 4, 5]);
    for (const call of executor.calls) call.succeed(1);
    assertEquals(time.timerCount, 0);
  });
  await run;
});

Deno.test("Throttle frees its place before future-done and future-cancelled", async () => {
  const { scheduler, executor, throttle, submit } = throttled({ maxConcurrent: 1 });
  const counts: unknown[] = [];
  for (const name of ["future-done", "future-cancelled"] as const) {
    scheduler.on(name, () => counts.push(throttle.statistics()["maxConcurrent"]));
  }
  await during(scheduler, () => {
    submit(1);
    executor.calls[0]?.succeed(1);
    submit(2).cancel();
    submit(3);
    executor.calls[2]?.fail(new RangeError("no"));
  });
  assertEquals(counts, ["0/1", "0/1", "0/1"]);
});

Deno.test("Throttle gives the place of a cancelled call back", async () => {
  using time = new FakeTime();
  const { scheduler, executor, throttle, submit, sent } = throttled({
    maxConcurrent: 1,
    maxStarts: 3,
    interval: 50,
  });
  await during(scheduler, () => {
    const futures = [1, 2, 3, 4, 5].map(submit);
    futures[1]?.cancel();
    assertEquals([sent(), throttle.statistics()["held"]], [[1], 3]);
    futures[0]?.cancel();
    executor.calls[1]?.succeed(1);
    // A held call that was cancelled was not started.
    assertEquals(sent(), [1, 3, 4]);
    executor.calls[2]?.succeed(1);
    assertEquals([sent().length, time.timerCount], [3, 1]);
    futures[4]?.cancel();
    assertEquals([throttle.statistics()["held"], time.timerCount], [0, 0]);
  });
});

Deno.test("Throttle sends held calls by priority, then submission", async () => {
  const executor = new RecordingExecutor();
  const scheduler = new Scheduler(executor);
  const plugins = [prioritized(), new Throttle({ maxConcurrent: 1 })];
  const task = scheduler.task(same, { plugins });
  await during(scheduler, () => {
    for (const n of [1.1, 2.5, 3.5, 4.9, 5.1, 6.9]) task.submit(n);
    for (let next = 0; next < 6; next++) executor.calls[next]?.succeed(1);
  });
  assertEquals(executor.args.map(([first]) => first), [1.1, 4.9, 6.9, 2.5, 3.5, 5.1]);
});

Deno.test("Throttle counts each attempt, wherever it stands", async () => {
  for (const first of [true, false]) {
    const retry: AnyPlugin = {
      name: "retry",
      preSettle: (_future, outcome) =>
        "exception" in outcome ? { retry: Promise.resolve() } : undefined,
    };
    const executor = new RecordingExecutor();
    const scheduler = new Scheduler(executor);
    const throttle = new Throttle({ maxConcurrent: 1 });
    const plugins = first ? [throttle, retry] : [retry, throttle];
    const task = scheduler.task(same, { plugins });
    await during(scheduler, async () => {
      const futures = [task.submit(1), task.submit(2)];
      executor.calls[0]?.fail(new RangeError("no"));
      // Its place is free while it waits, and it goes to the end.
      assertEquals(executor.args.map(([first]) => first), [1, 2]);
      await turn();
      assertEquals(executor.calls.length, 2);
      executor.calls[1]?.succeed(1);
      assertEquals(executor.args.map(([first]) => first), [1, 2, 1]);
      executor.calls[2]?.succeed(1);
      await Promise.all(futures);
    });
  }
});

Deno.test("Throttle does not count calls that wait for futures", async () => {
  const { scheduler, executor, submit, sent } = throttled({ maxConcurrent: 1 });
  await during(scheduler, () => {
    const needed = scheduler.submit(same, 0);
    submit(needed);
    submit(2);
    assertEquals(sent(), [0, 2]);
    executor.calls[0]?.succeed(7);
    assertEquals(sent(), [0, 2]);
    executor.calls[1]?.succeed(1);
    assertEquals(sent(), [0, 2, 7]);
    executor.calls[2]?.succeed(1);
  });
});

Deno.test("Throttle does not count results without a worker", async () => {
  const cache: AnyPlugin = {
    name: "cache",
    preSubmit: (submission: Submission) =>
      submission.args[0] === 0 ? { ...submission, settled: { result: 5 } } : submission,
  };
  const { scheduler, executor, submit, sent } = throttled({ maxConcurrent: 1 }, cache);
  await during(scheduler, async () => {
    submit(1);
    assertEquals(await submit(0), 5);
    submit(2);
    executor.calls[0]?.succeed(1);
    executor.calls[1]?.succeed(1);
    assertEquals(sent(), [1, 2]);
  });
});

Deno.test("Throttle forgets submissions that a later plugin declines", async () => {
  const { scheduler, executor, submit, sent, throttle } = throttled(
    { maxConcurrent: 1 },
    new Limiter({ maxCalls: 2 }),
  );
  await during(scheduler, () => {
    for (const n of [1, 2, 3, 4]) submit(n);
    assertEquals(throttle.statistics(), { maxConcurrent: "1/1", held: 1 });
    executor.calls[0]?.succeed(1);
    executor.calls[1]?.succeed(1);
    assertEquals(sent(), [1, 2]);
  });
});

// --- runs

Deno.test("Throttle: a run that ends treats held calls as queued", async () => {
  for (const wait of [true, false, "all"] as const) {
    const { scheduler, executor, submit, throttle } = throttled({ maxConcurrent: 1 });
    const futures: Future[] = [];
    scheduler.onStart(() => {
      for (let n = 0; n < 3; n++) futures.push(submit(n));
      executor.calls[0]?.started();
    }, { limit: 1 });
    const run = scheduler.run({ wait });
    scheduler.stop();
    await turn();
    for (let next = 0; next < executor.calls.length; next++) executor.calls[next]?.succeed(1);
    await run;
    assertEquals(executor.calls.length, wait === "all" ? 3 : 1);
    assertEquals(throttle.statistics(), { maxConcurrent: "0/1", held: 0 });
    const states = { true: "done cancelled cancelled", all: "done done done" };
    const expected = wait === false ? "cancelled cancelled cancelled" : states[`${wait}`];
    assertEquals(futures.map(({ state }) => state).join(" "), expected);
  }
});

Deno.test("Throttle: a run that ends cancels 20,000 held calls", async () => {
  for (const wait of [true, false] as const) {
    const { scheduler, submit, throttle } = throttled({ maxConcurrent: 1 });
    scheduler.onStart(() => {
      for (let n = 0; n < 20_000; n++) submit(n);
    });
    const run = scheduler.run({ wait });
    scheduler.stop();
    await run;
    assertEquals(scheduler.eventCounts["future-cancelled"], 20_000);
    assertEquals(throttle.statistics(), { maxConcurrent: "0/1", held: 0 });
  }
});

Deno.test("Throttle: the window spans runs, and leaves no timer", async () => {
  using time = new FakeTime();
  const { scheduler, executor, submit } = throttled({ maxStarts: 1, interval: 100 });
  await during(scheduler, () => {
    submit(1);
    executor.calls[0]?.succeed(1);
  });
  assertEquals(time.timerCount, 0);
  time.tick(40);
  await during(scheduler, () => {
    submit(2);
    assertEquals(executor.calls.length, 1);
    time.tick(60);
    executor.calls[1]?.succeed(1);
  });
  assertEquals(executor.calls.length, 2);
});

Deno.test("Throttle: a clock that is set back does not block calls for long", async () => {
  const { scheduler, executor, submit } = throttled({ maxStarts: 1, interval: 100 });
  await during(scheduler, () => {
    submit(1);
    executor.calls[0]?.succeed(1);
  });
  using time = new FakeTime();
  await during(scheduler, () => {
    submit(2);
    time.tick(100);
    executor.calls[1]?.succeed(1);
  });
  assertEquals(executor.calls.length, 2);
});

Deno.test("Throttle: never more calls at a time on workers", async () => {
  const scheduler = Scheduler.withWorkers(3, { ...BATCH });
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const task = scheduler.task(async (counts: Int32Array) => {
    const running = Atomics.add(counts, 0, 1) + 1;
    if (running > Atomics.load(counts, 1)) Atomics.store(counts, 1, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    Atomics.sub(counts, 0, 1);
  }, { plugins: new Throttle({ maxConcurrent: 2 }) });
  scheduler.onStart(() => {
    for (let n = 0; n < 60; n++) task.submit(counts);
  });
  await scheduler.run();
  assertEquals(task.eventCounts.result, 60);
  assert((counts[1] ?? 0) <= 2);
});

Deno.test("Throttle.statistics() is shown in the tree", () => {
  const scheduler = Scheduler.withSequential();
  const throttle = new Throttle({ maxConcurrent: 2, maxStarts: 10, interval: 1000 });
  scheduler.task(same, { plugins: throttle });
  const shown = "plugin throttle maxConcurrent=0/2 maxStarts=0/10 interval=1000 held=0";
  assert(scheduler.toString().includes(shown), scheduler.toString());
});

// --- against a plain model

type Step =
  | { kind: "submit"; priority: number }
  | { kind: "tick"; ms: number }
  | { kind: "settle" | "fail" | "cancel"; which: number };

interface Entry {
  readonly id: number;
  readonly priority: number;
}

/** What a throttle does, in the plainest words. */
class Model {
  readonly sent: number[] = [];
  held: Entry[] = [];
  running: number[] = [];
  #starts: number[] = [];
  #now = 0;
  readonly #options: ThrottleOptions;

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  submit(entry: Entry): void {
    this.held.push(entry);
    this.#send();
  }

  end(id: number): void {
    this.held = this.held.filter((entry) => entry.id !== id);
    this.running = this.running.filter((each) => each !== id);
    this.#send();
  }

  tick(ms: number): void {
    for (let step = 0; step < ms; step++) {
      this.#now++;
      this.#send();
    }
  }

  #send(): void {
    const { maxConcurrent = Infinity, maxStarts = Infinity, interval = 1 } = this.#options;
    while (this.held.length > 0 && this.running.length < maxConcurrent) {
      if (this.#starts.filter((at) => at > this.#now - interval).length >= maxStarts) return;
      const highest = Math.max(...this.held.map(({ priority }) => priority));
      const next = this.held.find(({ priority }) => priority === highest) as Entry;
      this.held = this.held.filter((entry) => entry !== next);
      this.running.push(next.id);
      this.#starts.push(this.#now);
      this.sent.push(next.id);
    }
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("submit"), priority: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("tick"), ms: fc.nat(25) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("settle", "fail", "cancel"),
        which: fc.nat(50),
      }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 5, maxLength: 60 },
);
const limits = fc.oneof(
  fc.record({ maxConcurrent: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    maxStarts: fc.integer({ min: 1, max: 4 }),
    interval: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    maxConcurrent: fc.integer({ min: 1, max: 4 }),
    maxStarts: fc.integer({ min: 1, max: 4 }),
    interval: fc.integer({ min: 1, max: 20 }),
  }),
);

Deno.test("Throttle sends what a plain model sends, step by step", async () => {
  using time = new FakeTime();
  await fc.assert(
    fc.asyncProperty(limits, steps, async (options, steps) => {
      const executor = new RecordingExecutor();
      const scheduler = new Scheduler(executor);
      const throttle = new Throttle(options);
      const plugins = [prioritized(), throttle];
      const task = scheduler.task(same, { plugins });
      const run = scheduler.run({ onException: "ignore", wait: false, endOnEmpty: false });
      const model = new Model(options);
      const futures = new Map<number, Future>();
      const act = (step: Step) => {
        if (step.kind === "tick") {
          time.tick(step.ms);
          return model.tick(step.ms);
        }
        if (step.kind === "submit") {
          const id = futures.size;
          futures.set(id, task.submit(id + step.priority / 10) as Future);
          return model.submit({ id, priority: step.priority });
        }
        const ids = step.kind === "cancel"
          ? [...futures].filter(([, { settledAt }]) => settledAt === undefined).map(([id]) => id)
          : model.running;
        const id = ids[step.which % ids.length];
        if (id === undefined) return;
        const call = executor.calls[executor.args.findIndex((args) => idOf(args) === id)];
        if (step.kind === "cancel") futures.get(id)?.cancel();
        else if (step.kind === "settle") call?.succeed(1);
        else call?.fail(new RangeError("no"));
        model.end(id);
      };
      for (const step of steps) {
        act(step);
        assertEquals(executor.args.map(idOf), model.sent);
        assertEquals(throttle.statistics()["held"], model.held.length);
      }
      scheduler.stop();
      await run;
      assertEquals(time.timerCount, 0);
    }),
    { numRuns: 300, seed: 20_261_126 },
  );
});

function idOf(args: readonly unknown[]): number {
  return Math.floor(Number(args[0]));
}
