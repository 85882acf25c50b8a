// Task.map(): what an iteration gives, how it ends, and what it leaves behind.
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Call,
  type Executor,
  type Future,
  FutureCancelledError,
  Limiter,
  Scheduler,
  SchedulerNotRunningError,
  type ShutdownReport,
  SubmissionDeclinedError,
} from "@amltk/scheduling";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { actWhen } from "../fixtures/act_when.ts";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const never = () => new Promise<never>(() => {});
const evenOnly = (n: number) => {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`);
  return n;
};

/** The first numbers, counting how many were taken, and whether it was closed. */
class Source {
  taken = 0;
  closed = false;
  readonly #size: number;

  constructor(size = Infinity) {
    this.#size = size;
  }

  *sync(): Generator<number, void> {
    try {
      while (this.taken < this.#size) yield this.taken++;
    } finally {
      this.closed = true;
    }
  }

  async *async(): AsyncGenerator<number, void> {
    yield* this.sync();
    await undefined;
  }
}

/** Runs a body as the callback of `start`, of an outer program that handles its errors. */
async function inRun(
  scheduler: Scheduler,
  body: () => Promise<void>,
  options?: Parameters<Scheduler["run"]>[0],
): Promise<unknown> {
  let failure: unknown;
  scheduler.onStart(() => body().catch((error) => void (failure = error)));
  const exit = await scheduler.run(options).catch((error) => error);
  if (failure !== undefined) throw failure;
  return exit;
}

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: Task.map() gives results in the order of items`, async () => {
    const scheduler = make();
    const later = scheduler.task(async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return -ms;
    });
    await inRun(scheduler, async () => {
      assertEquals(await Array.fromAsync(later.map([8, 4, 0, 2])), [-8, -4, -0, -2]);
    });
    assertEquals([scheduler.queue.size, later.eventCounts.result], [0, 4]);
  });

  Deno.test(`${executor}: Task.map() takes async iterables, and arguments for each item`, async () => {
    const scheduler = make();
    const repeat = scheduler.task((text: string, times: number) => text.repeat(times));
    await inRun(scheduler, async () => {
      const source = new Source(300);
      const results = repeat.map(source.async(), { args: (n) => ["ab", n % 3], concurrency: 7 });
      const expected = Array.from({ length: 300 }, (_, n) => "ab".repeat(n % 3));
      assertEquals(await Array.fromAsync(results), expected);
      assertEquals([source.taken, source.closed], [300, true]);
    });
  });

  Deno.test(`${executor}: Task.map() rejects at the turn of a failure`, async () => {
    const scheduler = make();
    const even = scheduler.task(evenOnly);
    const source = new Source();
    const results: number[] = [];
    const exit = await inRun(scheduler, async () => {
      const failure = async () => {
        for await (const n of even.map(source.sync(), { args: (n) => [n < 6 ? 2 * n : n] })) {
          results.push(n);
        }
      };
      const error = await assertRejects(failure, RangeError, "7 is odd");
      assert(even.eventCounts.exception > 0);
      // Not judged again when it leaves a callback.
      await new Promise<void>((resolve) => {
        scheduler.callLater(0, () => {
          resolve();
          return Promise.reject(error);
        });
      });
    }, { onException: { tasks: "ignore" } });
    assertEquals(exit, { code: "exhausted", runaways: 0 });
    assertEquals(results, [0, 2, 4, 6, 8, 10, 6]);
    assertEquals([scheduler.queue.size, source.closed], [0, true]);
  });

  Deno.test(`${executor}: Task.map() over endless input ends at a break`, async () => {
    const scheduler = make();
    const double = scheduler.task((n: number) => 2 * n);
    const [first, second] = [new Source(), new Source()];
    const exit = await inRun(scheduler, async () => {
      for await (const n of double.map(first.sync())) if (n === 2000) break;
      for await (const n of double.map(second.async(), { ordered: false })) if (n > 1000) break;
    }, { onCancelled: "raise" });
    assertEquals(exit, { code: "exhausted", runaways: 0 });
    assertEquals([scheduler.queue.size, first.closed, second.closed], [0, true, true]);
    assertEquals(scheduler.eventCounts["future-submitted"], double.submissionCount);
  });

  if (executor === "sequential") continue;
  Deno.test(`${executor}: leaving Task.map() terminates the calls that run`, async () => {
    const scheduler = make();
    const work = scheduler.task((n: number) => n === 0 ? 0 : new Promise<number>(() => {}));
    const exit = await inRun(scheduler, async () => {
      for await (const n of work.map(new Source().sync(), { concurrency: 4 })) {
        await new Promise<void>((resolve) =>
          actWhen(scheduler, () => scheduler.statistics().runningCount === 2, resolve)
        );
        if (n === 0) break;
      }
      assertEquals([work.queue.size, await scheduler.submit(() => 42)], [0, 42]);
    }, { onCancelled: "raise" });
    assertEquals(exit, { code: "exhausted", runaways: 0 });
    assertEquals(work.eventCounts.cancelled, 4);
  });

  Deno.test(`${executor}: Task.map() with ordered false gives results as they come`, async () => {
    const scheduler = make();
    const work = scheduler.task((n: number) => n === 0 ? new Promise<number>(() => {}) : n);
    const results: number[] = [];
    await inRun(scheduler, async () => {
      for await (const n of work.map([0, 1, 2, 3], { ordered: false, concurrency: 4 })) {
        results.push(n);
        if (results.length === 3) break;
      }
    });
    assertEquals(results.sort(), [1, 2, 3]);
  });
}

// --- when items are taken

Deno.test("Task.map() starts nothing before the first next()", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const source = new Source(3);
  const results = task.map(source.sync());
  await inRun(scheduler, async () => {
    await undefined;
    assertEquals([source.taken, task.submissionCount], [0, 0]);
    const first = results.next();
    assertEquals([source.taken, task.submissionCount], [2, 2]);
    assertEquals(await first, { done: false, value: 0 });
    assertEquals(await Array.fromAsync(results), [1, 2]);
    assertEquals(await results.next(), { done: true, value: undefined });
  });
});

for (const ordered of [true, false]) {
  Deno.test(`Task.map() waits for a slow reader, ordered ${ordered}`, async () => {
    for (const concurrency of [1, 3, 10]) {
      const scheduler = Scheduler.withSequential();
      const task = scheduler.task((n: number) => n);
      const source = new Source();
      const mostInFlight = { count: 0 };
      task.onSubmitted(() => {
        mostInFlight.count = Math.max(mostInFlight.count, task.runningCount);
      });
      await inRun(scheduler, async () => {
        const results = task.map(source.async(), { concurrency, ordered });
        for (let read = 1; read <= 5; read++) {
          await results.next();
          // As soon as nothing is in flight, only the reader can make room.
          await task.whenBelow(1);
          while (source.taken < read + concurrency) {
            await new Promise((resolve) => setTimeout(resolve));
          }
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
          assertEquals([source.taken, task.queue.size], [read + concurrency, 0]);
        }
        await results.return();
      });
      assertEquals(mostInFlight.count, concurrency);
    }
  });
}

Deno.test("Task.map() takes more items ahead while calls are short", async () => {
  const scheduler = Scheduler.withWorkers(3, BATCH);
  const slow = scheduler.task(never);
  const fast = scheduler.task((n: number) => n);
  await inRun(scheduler, async () => {
    const items = new Source();
    const results = slow.map(items.sync(), { args: () => [] });
    const first = results.next();
    assertEquals(slow.runningCount, 6);
    await results.return();
    assertEquals((await first).done, true);
    let most = 0;
    fast.onSubmitted(() => {
      most = Math.max(most, fast.runningCount);
    });
    for await (const n of fast.map(new Source().sync())) {
      if (most > 100 || n > 1_000_000) break;
    }
    assert(most > 100, `${most}`);
    assert(most <= 3 * 256, `${most}`);
  });
});

Deno.test("Task.map() keeps its run alive until it ends", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const run = scheduler.run();
  const results = task.map([1, 2]);
  await results.next();
  await results.next();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  assertEquals([scheduler.running, scheduler.eventCounts.empty], [true, 0]);
  assertEquals((await results.next()).done, true);
  assertEquals((await run).code, "exhausted");
});

Deno.test("Task.map() serves several next() at once in their order", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  await inRun(scheduler, async () => {
    const results = task.map([1, 2], { concurrency: 1 });
    const read = await Promise.all([results.next(), results.next(), results.next()]);
    assertEquals(read.map(({ value }) => value), [1, 2, undefined]);
    assertEquals(await Array.fromAsync(task.map([])), []);
  });
});

Deno.test("Task.map() is bound, and a Requeue is a source", async () => {
  const scheduler = Scheduler.withSequential();
  const { map } = scheduler.task((text: string) => text.length);
  await inRun(scheduler, async () => {
    assertEquals(await Array.fromAsync(map(new Set(["a", "bb"]))), [1, 2]);
    assertEquals(await Array.fromAsync(map(ReadableStream.from(["ccc"]))), [3]);
  });
});

// --- how it ends

Deno.test("Task.map() rejects outside a run, leaving its items", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const source = new Source(2);
  const items = source.sync();
  const results = task.map(items);
  await assertRejects(() => results.next(), SchedulerNotRunningError, "Cannot map");
  assertEquals((await results.next()).done, true);
  assertEquals([source.taken, source.closed], [0, false]);
  await inRun(scheduler, async () => assertEquals(await Array.fromAsync(task.map(items)), [0, 1]));
});

for (const kind of ["sync", "async"] as const) {
  Deno.test(`Task.map() rejects the pending next() when the run ends, ${kind}`, async () => {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(never);
    const source = new Source();
    const reason = new RangeError("no more");
    const exit = await inRun(scheduler, async () => {
      const results = task.map(source[kind](), { args: () => [], concurrency: 3 });
      const pending = [results.next(), results.next()];
      actWhen(scheduler, () => task.runningCount === 3, () => scheduler.stop(reason));
      const error = await assertRejects(
        () => Promise.all(pending),
        SchedulerNotRunningError,
        "the run is ending",
      );
      assertStrictEquals(error.cause, reason);
      assertEquals((await pending[1])?.done, true);
      assertEquals((await results.next()).done, true);
    }, { wait: false, onException: { run: "end" }, onCancelled: "raise" });
    assertEquals((exit as { code: string }).code, "stopped");
    assertEquals([source.closed, task.eventCounts.cancelled], [true, 3]);
  });
}

Deno.test("Task.map() rejects a next() after the run ended", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const seen: number[] = [];
  scheduler.onStart(async () => {
    for await (const n of task.map(new Source().sync())) {
      seen.push(n);
      if (n === 3) scheduler.stop();
    }
    seen.push(-1);
  });
  // Nothing of it is an error of the run.
  assertEquals((await scheduler.run({ onException: "raise" })).code, "stopped");
  assertEquals(seen, [0, 1, 2, 3]);
});

Deno.test("Task.map() beside a run does not hold up its end", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const run = scheduler.run({ endOnEmpty: false });
  const results = task.map(new Source().sync());
  await results.next();
  scheduler.stop();
  assertEquals((await run).code, "stopped");
  await assertRejects(() => results.next(), SchedulerNotRunningError);
});

Deno.test("Task.map() ends when its signal aborts, with the reason", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(never);
  const source = new Source();
  const reason = new Error("enough");
  const exit = await inRun(scheduler, async () => {
    const abort = new AbortController();
    const results = task.map(source.sync(), { args: () => [], signal: abort.signal });
    scheduler.callLater(0, () => abort.abort(reason));
    assertStrictEquals(await assertRejects(() => results.next()), reason);
    assertEquals((await results.next()).done, true);
    const { signal } = abort;
    const late = task.map(source.sync(), { args: () => [], signal });
    assertStrictEquals(await assertRejects(() => late.next()), reason);
  }, { onCancelled: "raise" });
  assertEquals((exit as { code: string }).code, "exhausted");
  assertEquals([source.taken, source.closed, task.eventCounts.cancelled], [2, true, 2]);
});

Deno.test("Task.map() ends by return(), throw() and await using", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(never);
  const sources = [new Source(), new Source(), new Source()];
  const exit = await inRun(scheduler, async () => {
    const [first, second, third] = sources.map((source) =>
      task.map(source.sync(), { args: () => [] })
    );
    const pending = [first?.next(), second?.next(), third?.next()];
    assertEquals(await first?.return(), { done: true, value: undefined });
    const error = new RangeError("mine");
    assertStrictEquals(await assertRejects(async () => await second?.throw(error)), error);
    await third?.[Symbol.asyncDispose]();
    assertEquals((await Promise.all(pending)).map((read) => read?.done), [true, true, true]);
    assertEquals((await first?.next())?.done, true);
  }, { onCancelled: "raise" });
  assertEquals((exit as { code: string }).code, "exhausted");
  assertEquals(sources.map(({ closed }) => closed), [true, true, true]);
  assertEquals(task.eventCounts.cancelled, 6);
});

Deno.test("Task.map() is left while its input stalls", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  async function* stalled() {
    yield 1;
    await never();
  }
  const exit = await inRun(scheduler, async () => {
    for await (const n of task.map(stalled())) {
      assertEquals(n, 1);
      break;
    }
  });
  assertEquals((exit as { code: string }).code, "exhausted");
});

for (const ordered of [true, false]) {
  Deno.test(`Task.map() gives earlier results before input errors, ordered ${ordered}`, async () => {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task((n: number) => n);
    const failure = new RangeError("no third");
    function* failing() {
      yield 1;
      yield 2;
      throw failure;
    }
    async function* failingLater() {
      yield* failing();
      await undefined;
    }
    const source = new Source();
    const broken = (n: number): [number] => {
      if (n === 2) throw failure;
      return [n + 1];
    };
    const iterations = [
      () => task.map(failing(), { ordered }),
      () => task.map(failingLater(), { ordered }),
      () => task.map(source.sync(), { ordered, args: broken }),
    ];
    await inRun(scheduler, async () => {
      for (const iterate of iterations) {
        const results: number[] = [];
        const read = async () => {
          for await (const n of iterate()) results.push(n);
        };
        assertStrictEquals(await assertRejects(read), failure);
        assertEquals(results, [1, 2]);
      }
    });
    assertEquals([source.taken, source.closed], [3, true]);
  });

  Deno.test(`Task.map() rejects when a plugin declines an item, ordered ${ordered}`, async () => {
    const scheduler = Scheduler.withSequential();
    const plugins = new Limiter({ maxConcurrent: 2 });
    const task = scheduler.task((n: number) => n, { plugins, name: "limited" });
    const source = new Source();
    const results: number[] = [];
    await inRun(scheduler, async () => {
      const read = async () => {
        for await (const n of task.map(source.sync(), { concurrency: 4, ordered })) results.push(n);
      };
      const error = await assertRejects(read, SubmissionDeclinedError, "limited");
      assertEquals(error.args, [2]);
      const within = task.map([5, 6, 7], { concurrency: 2 });
      assertEquals(await Array.fromAsync(within), [5, 6, 7]);
    });
    assertEquals([results, source.closed], [[0, 1], true]);
  });
}

Deno.test("Task.map() rejects for wrong arguments, and for what submit() throws", async () => {
  const scheduler = Scheduler.withSequential();
  const failure = new RangeError("not today");
  const task = scheduler.task((n: number) => n);
  const refusing = scheduler.task((n: number) => n, {
    plugins: {
      name: "refusing",
      preSubmit: () => {
        throw failure;
      },
    },
  });
  await inRun(scheduler, async () => {
    const wrong = task.map([1], { args: (n) => n as never });
    await assertRejects(() => wrong.next(), TypeError, "args() must return an array of arguments");
    assertStrictEquals(await assertRejects(() => refusing.map([1]).next()), failure);
    const broken = { [Symbol.iterator]: () => ({ next: () => 5 as never }) };
    await assertRejects(() => task.map(broken).next(), TypeError, "must return an object, not 5");
    const closed = { [Symbol.iterator]: () => null as never };
    await assertRejects(() => task.map(closed).next(), TypeError);
  });
});

Deno.test("Task.map() passes on errors of closing at a break", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(evenOnly);
  const failure = new Error("cannot close");
  const items = () => {
    let n = 0;
    return {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: n++ }),
        return: () => {
          throw failure;
        },
      }),
    };
  };
  await inRun(scheduler, async () => {
    const left = async () => {
      for await (const _ of task.map(items(), { args: () => [0] })) break;
    };
    assertStrictEquals(await assertRejects(left), failure);
    const failed = async () => await Array.fromAsync(task.map(items()));
    await assertRejects(failed, RangeError, "1 is odd");
  }, { onException: { tasks: "ignore" } });
});

Deno.test("Task.map() of with() applies its options to each call", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(never, { name: "cancellable" });
  const abort = new AbortController();
  const cancelled: Future[] = [];
  const exit = await inRun(scheduler, async () => {
    const { signal } = abort;
    const results = task.with({ signal }).map([1, 2], { args: () => [] });
    task.onCancelled((future) => cancelled.push(future));
    scheduler.callLater(0, () => abort.abort("enough"));
    const error = await assertRejects(() => results.next(), FutureCancelledError, "cancellable");
    assertEquals(error.cause, "enough");
  }, { onCancelled: "end" });
  // The owner of the signal has cancelled it, not the loop.
  assertEquals((exit as { code: string }).code, "cancelled");
  assertEquals(cancelled.length, 2);
});

// --- user code in the way

Deno.test("Task.map() closes a generator that stops the run", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const closed = Promise.withResolvers<void>();
  function* stopping() {
    try {
      yield 0;
      scheduler.stop();
      yield 1;
    } finally {
      closed.resolve();
    }
  }
  await inRun(scheduler, async () => {
    const results = task.map(stopping(), { concurrency: 1 });
    assertEquals((await results.next()).value, 0);
    // It goes on while nobody reads.
    await closed.promise;
    await assertRejects(() => results.next(), SchedulerNotRunningError);
  });
  assertEquals([task.submissionCount, scheduler.queue.size], [1, 0]);
});

Deno.test("Task.map() cancels the call whose callback leaves the loop", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  await inRun(scheduler, async () => {
    const results = task.map(new Source().sync(), { concurrency: 5 });
    task.onSubmitted((_future, n) => n === 2 && results.return());
    assertEquals((await results.next()).done, true);
  }, { onCancelled: "raise" });
  assertEquals([task.submissionCount, task.eventCounts.cancelled], [3, 3]);
});

// --- checks

Deno.test("Task.map() refuses wrong items and options at once", () => {
  const task = Scheduler.withSequential().task((n: number) => n);
  const refuses = (items: unknown, options: unknown, type: typeof TypeError, text: string) =>
    assertThrows(() => task.map(items as number[], options as { ordered: boolean }), type, text);
  for (const items of [5, null, undefined, {}, () => [], { length: 1 }]) {
    refuses(items, {}, TypeError, "map() takes an iterable or an async iterable, not ");
  }
  refuses(Promise.resolve([1]), {}, TypeError, "await it first");
  refuses([1], { order: true }, TypeError, 'map() has no option "order"');
  refuses([1], 4, TypeError, "map() takes an object of options, not 4");
  refuses([1], { args: 5 }, TypeError, "args must be a function, not 5");
  refuses([1], { ordered: "no" }, TypeError, 'ordered must be true or false, not "no"');
  refuses([1], { signal: 5 }, TypeError, "signal must be an AbortSignal, not 5");
  refuses([1], { concurrency: "4" }, TypeError, 'concurrency must be a number, not "4"');
  for (const concurrency of [0, -1, 1.5, NaN, Infinity]) {
    refuses([1], { concurrency }, RangeError, `a positive integer, not ${concurrency}`);
  }
});

Deno.test("Task.map() rejects with the error that ends the run", async () => {
  const scheduler = Scheduler.withSequential();
  const even = scheduler.task(evenOnly);
  const errors: unknown[] = [];
  scheduler.onStart(async () => {
    await Array.fromAsync(even.map([0, 2, 3, 4, 6])).catch((error) => errors.push(error));
  });
  const error = await assertRejects(() => scheduler.run(), RangeError, "3 is odd");
  assertEquals(errors, [error]);
});

Deno.test("Task.map() rejects so also when earlier results arrive together", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const even = scheduler.task(evenOnly);
  const errors: unknown[] = [];
  scheduler.onStart(async () => {
    // From the second on, calls of this task are sent together.
    for (let n = 0; n < 50; n++) await even.submit(0);
    const items = [0, 2, 4, 6, 8, 3, 10];
    await Array.fromAsync(even.map(items, { concurrency: 7 })).catch((e) => errors.push(e));
  });
  const error = await assertRejects(() => scheduler.run(), RangeError, "3 is odd");
  assertEquals(errors, [error]);
});

/** Reports a result, and after so many turns of microtasks another one and a failure. */
class ThreeReports implements Executor {
  readonly name = "ThreeReports";
  readonly workerCount = 3;
  readonly #turns: number;
  readonly #calls: Call[] = [];

  constructor(turns: number) {
    this.#turns = turns;
  }

  submit(call: Call): void {
    if (this.#calls.push(call) === 3) setTimeout(() => this.#report(), 0);
  }

  cancel(): void {}

  shutdown(): Promise<ShutdownReport> {
    return Promise.resolve({ runaways: undefined });
  }

  async #report(): Promise<void> {
    const [first, second, third] = this.#calls;
    first?.succeed(0);
    for (let turn = 0; turn < this.#turns; turn++) await undefined;
    second?.succeed(2);
    third?.fail(new RangeError("3 is odd"));
  }
}

Deno.test("Task.map() rejects so whenever the reader comes back", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const scheduler = new Scheduler(new ThreeReports(turns));
    const even = scheduler.task(evenOnly);
    const errors: unknown[] = [];
    scheduler.onStart(async () => {
      await Array.fromAsync(even.map([0, 2, 3])).catch((error) => errors.push(error));
    });
    const error = await assertRejects(() => scheduler.run(), RangeError, "3 is odd");
    assertEquals(errors, [error], `after ${turns} turns`);
  }
});

Deno.test("Task.map() rejects before the turn of a failure that ends the run", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
  const task = scheduler.task((n: number) => {
    if (n === 1) throw new RangeError("second");
    return new Promise<number>(() => {});
  });
  const errors: unknown[] = [];
  scheduler.onStart(async () => {
    const { cause } = await assertRejects(() => task.map([0, 1]).next(), SchedulerNotRunningError);
    errors.push(cause);
  });
  const error = await assertRejects(() => scheduler.run({ wait: false }), RangeError, "second");
  assertEquals(errors, [error]);
});

Deno.test("Task.map() that was read whole ends without error", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const seen: number[] = [];
  scheduler.onStart(async () => {
    for await (const n of task.map([1, 2], { concurrency: 3 })) {
      seen.push(n);
      if (n === 2) scheduler.stop();
    }
    seen.push(-1);
  });
  assertEquals((await scheduler.run()).code, "stopped");
  assertEquals(seen, [1, 2, -1]);
});

Deno.test("Task.map() leaves running calls to an ending run", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
  const task = scheduler.task(async (n: number) => {
    if (n === 0) throw new RangeError("first");
    await new Promise((resolve) => setTimeout(resolve, 50));
    return n;
  });
  const results: number[] = [];
  task.onResult((_future, n) => results.push(n));
  scheduler.onStart(async () => {
    const failure = Array.fromAsync(task.map([0, 1], { ordered: false, concurrency: 2 }));
    await assertRejects(() => failure, RangeError);
  });
  await assertRejects(() => scheduler.run({ wait: "all" }), RangeError, "first");
  assertEquals(results, [1]);
});

Deno.test("Task.map() keeps the async context of its reader", async () => {
  const storage = new AsyncLocalStorage<string>();
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const seen = new Set<string>();
  const note = (what: string) => void seen.add(`${what}: ${storage.getStore()}`);
  function* items() {
    for (let n = 0; n < 10; n++) {
      note("items");
      yield n;
    }
    note("end");
  }
  const args = (n: number): [number] => {
    note("args");
    return [n];
  };
  task.onSubmitted(() => note("submitted"));
  task.onResult(() => note("result"));
  await inRun(scheduler, async () => {
    const results = storage.run("maker", () => task.map(items(), { args, concurrency: 2 }));
    await storage.run("reader", () => results.next());
    await storage.run("other", async () => {
      // Each read makes room for an item on its own.
      for await (const _ of results) await new Promise((resolve) => setTimeout(resolve, 1));
    });
  });
  const expected = ["items", "args", "submitted", "result", "end"].map((name) => `${name}: reader`);
  assertEquals([...seen].sort(), expected.sort());
});
