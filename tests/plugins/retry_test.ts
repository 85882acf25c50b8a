import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BrokerLostError,
  type Call,
  CpuTimeLimitError,
  ExecutorBrokenError,
  exponentialBackoff,
  FutureCancelledError,
  ModuleLoadError,
  Retry,
  type RetryOptions,
  type RunOptions,
  Scheduler,
  transfer,
  WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import fc from "fast-check";
import { during } from "../fixtures/during.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

const same = (n: number): number => n;
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const failure = new RangeError("no");
/** Lets promises settle, also while the time stands still. */
const settled = async () => {
  for (let hop = 0; hop < 20; hop++) await null;
};

/** Also keeps the arguments of calls, which let go of them when they settle. */
class RecordingExecutor extends ManualExecutor {
  readonly args: (readonly unknown[])[] = [];

  override submit(call: Call): void {
    super.submit(call);
    this.args.push(call.args);
  }
}

function retrying(options: Partial<RetryOptions> = {}) {
  const executor = new RecordingExecutor();
  const scheduler = new Scheduler(executor);
  const retry = new Retry({ maxAttempts: 3, backoff: 0, retryIf: () => true, ...options });
  const task = scheduler.task(same, { name: "same", plugins: retry });
  /** Ends the latest attempt with an error, and lets the next one begin if there is no pause. */
  const fail = async (error: unknown = failure) => {
    executor.calls.at(-1)?.fail(error);
    await settled();
  };
  return { executor, scheduler, retry, task, fail };
}

/** Its result or its error. */
const outcomeOf = (future: PromiseLike<unknown>) =>
  Promise.resolve(future).catch((error: unknown) => error);

// --- options

Deno.test("Retry() refuses wrong options", () => {
  const refused: [options: unknown, type: typeof TypeError, message: string][] = [
    [undefined, TypeError, "A Retry takes an object of options, not undefined"],
    [3, TypeError, "A Retry takes an object of options, not 3"],
    [{}, TypeError, "maxAttempts must be a number, not undefined"],
    [{ maxAttempts: "3" }, TypeError, 'maxAttempts must be a number, not "3"'],
    ...[0, -1, 1.5, NaN, Infinity].map((maxAttempts): [unknown, typeof RangeError, string] => [
      { maxAttempts },
      RangeError,
      `maxAttempts must be a positive integer, not ${maxAttempts}`,
    ]),
    [{ maxAttempts: 2, retries: 1 }, TypeError, 'A Retry has no option "retries"'],
    [{ maxAttempts: 2, backoff: -1 }, RangeError, "backoff must be 0 or more milliseconds, not -1"],
    [{ maxAttempts: 2, backoff: NaN }, RangeError, "backoff must be a finite number, not NaN"],
    [{ maxAttempts: 2, backoff: Infinity }, RangeError, "backoff must be a finite number"],
    [
      { maxAttempts: 2, backoff: "10" },
      TypeError,
      'backoff must be milliseconds or a function of the attempt, not "10"',
    ],
    [{ maxAttempts: 2, backoff: null }, TypeError, "backoff must be milliseconds or a function"],
    [{ maxAttempts: 2, retryIf: true }, TypeError, "retryIf must be a function, not true"],
    [{ maxAttempts: 2, retryIf: RangeError.name }, TypeError, "retryIf must be a function"],
  ];
  for (const [options, type, message] of refused) {
    assertThrows(() => new Retry(options as RetryOptions), type, message);
  }
});

Deno.test("exponentialBackoff() refuses wrong options", () => {
  const refused: [options: object, type: typeof TypeError, message: string][] = [
    ...["initialDelay", "maxDelay"].flatMap((name): [object, typeof TypeError, string][] => [
      [{ [name]: -1 }, RangeError, `${name} must be 0 or more milliseconds, not -1`],
      [{ [name]: Infinity }, RangeError, `${name} must be a finite number, not Infinity`],
      [{ [name]: NaN }, RangeError, `${name} must be a finite number, not NaN`],
      [{ [name]: "1" }, TypeError, `${name} must be a number, not "1"`],
    ]),
    [{ multiplier: 0.5 }, RangeError, "multiplier must be 1 or more, not 0.5"],
    [{ multiplier: Infinity }, RangeError, "multiplier must be a finite number"],
    [{ jitter: -0.1 }, RangeError, "jitter must be from 0 to 1, not -0.1"],
    [{ jitter: 1.1 }, RangeError, "jitter must be from 0 to 1, not 1.1"],
    [{ jitter: true }, TypeError, "jitter must be a number, not true"],
    [{ factor: 2 }, TypeError, 'exponentialBackoff() has no option "factor"'],
  ];
  for (const [options, type, message] of refused) {
    assertThrows(() => exponentialBackoff(options), type, message);
  }
});

Deno.test("exponentialBackoff() stays between its bounds", () => {
  const options = fc.record({
    initialDelay: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e300, noNaN: true })),
    multiplier: fc.double({ min: 1, max: 1e10, noNaN: true }),
    maxDelay: fc.double({ min: 0, max: 1e300, noNaN: true }),
    jitter: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 5000 }), (options, attempt) => {
      const { initialDelay = 100, multiplier = 2, maxDelay = 30_000, jitter = 1 } = options;
      const growth = Math.min(multiplier ** (attempt - 1), Number.MAX_VALUE);
      const longest = Math.min(maxDelay, initialDelay * growth);
      const delay = exponentialBackoff(options)(attempt);
      assert(delay <= longest && delay >= longest * (1 - jitter) * (1 - 1e-9), `${delay}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("exponentialBackoff() spreads evenly by default", () => {
  const backoff = exponentialBackoff();
  const delays = Array.from({ length: 4000 }, () => backoff(4));
  const counts = Array.from(
    { length: 8 },
    (_, part) => delays.filter((delay) => Math.floor(delay / 100) === part).length,
  );
  // 500 of each are expected: 150 off is seven standard deviations.
  assert(counts.every((count) => Math.abs(count - 500) < 150), `${counts}`);
});

// --- attempts

Deno.test("Retry settles the future once, with the last attempt", async () => {
  const { executor, scheduler, task, fail } = retrying();
  const trace = traceOf(scheduler, task);
  const starts: (number | undefined)[] = [];
  await during(scheduler, async () => {
    const future = task.submit(7);
    for (const left of [2, 1]) {
      executor.calls.at(-1)?.started();
      starts.push(future.startedAt);
      assertEquals([future.state, left], ["running", 3 - executor.calls.length]);
      await fail();
      assertEquals([future.state, future.settledAt], ["pending", undefined]);
    }
    executor.calls.at(-1)?.started();
    starts.push(future.startedAt);
    executor.calls.at(-1)?.succeed(8);
    assertEquals([await future, future.startedAt], [8, starts[2]]);
  });
  assertEquals(executor.args, [[7], [7], [7]]);
  assert((starts[0] ?? NaN) < (starts[1] ?? NaN) && (starts[1] ?? NaN) < (starts[2] ?? NaN));
  assertEquals(trace.filter((event) => !/^(start|empty|finish)/.test(event)), [
    ...["future-submitted", "same submitted", "same retry", "same retry"],
    ...["future-done", "future-result", "same done", "same result"],
  ]);
});

Deno.test("Retry gives up after maxAttempts with the last error", async () => {
  for (const maxAttempts of [1, 2, 5]) {
    const { executor, scheduler, task, fail, retry } = retrying({ maxAttempts });
    const errors = Array.from({ length: maxAttempts }, (_, n) => new RangeError(`${n}`));
    const ended = during(scheduler, async () => {
      const future = task.submit(7);
      for (const error of errors) await fail(error);
      assertStrictEquals(future.exception, errors.at(-1));
      assertEquals(executor.calls.length, maxAttempts);
    });
    // Judged by onException, once and with the very object.
    assertStrictEquals(await outcomeOf(ended), errors.at(-1));
    const { exception, done, retry: retries } = task.eventCounts;
    assertEquals([exception, done, retries], [1, 1, maxAttempts - 1]);
    assertEquals(retry.statistics(), {
      maxAttempts,
      attempts: maxAttempts,
      retries: maxAttempts - 1,
      waiting: 0,
    });
  }
});

Deno.test("Retry counts the attempts of each call for itself", async () => {
  const { executor, scheduler, task, fail } = retrying({ maxAttempts: 2 });
  for (const _run of [1, 2]) {
    executor.calls.length = 0;
    await during(scheduler, async () => {
      const futures = [task.submit(1), task.submit(2)];
      await fail();
      executor.calls[0]?.fail(failure);
      await settled();
      executor.calls[3]?.succeed(5);
      executor.calls[2]?.fail("twice");
      assertEquals(await Promise.all(futures.map(outcomeOf)), [5, "twice"]);
    }, { onException: "ignore" });
    assertEquals(executor.calls.length, 4);
  }
});

Deno.test("Retry passes attempt and error to its functions and event", async () => {
  const seen: unknown[] = [];
  const { scheduler, task, fail } = retrying({
    backoff(attempt) {
      seen.push(["backoff", attempt]);
      return 0;
    },
    retryIf(error, attempt) {
      seen.push(["retryIf", attempt, error]);
      return true;
    },
  });
  const errors = [new TypeError("first"), "a text", 7];
  task.on("retry", (future, attempt, error) => {
    seen.push(["retry", attempt, error]);
    assertEquals(future.args, [7]);
  });
  await during(scheduler, async () => {
    const future = task.submit(7);
    for (const error of errors) await fail(error);
    assertEquals(await outcomeOf(future), 7);
  }, { onException: "ignore" });
  // Not asked about the last attempt: nothing depends on the answer.
  assertEquals(seen, [
    ...[["retryIf", 1, errors[0]], ["backoff", 1], ["retry", 1, errors[0]]],
    ...[["retryIf", 2, errors[1]], ["backoff", 2], ["retry", 2, errors[1]]],
  ]);
  assertStrictEquals((seen[0] as unknown[])[2], errors[0]);
});

Deno.test("Retry tries lost workers again by default, no other errors", async () => {
  const reasons: Record<WorkerLostReason, boolean> = {
    exit: true,
    close: true,
    "uncaught-error": true,
    killed: true,
    died: true,
    unreachable: true,
    undeliverable: false,
  };
  const cases: [error: unknown, isRetried: boolean][] = [
    ...Object.entries(reasons).map(([reason, isRetried]): [unknown, boolean] => [
      new WorkerLostError("lost", reason as WorkerLostReason),
      isRetried,
    ]),
    [failure, false],
    [undefined, false],
    ["WorkerLostError", false],
    [new ExecutorBrokenError("broken"), false],
    [new BrokerLostError("lost"), false],
    [new FutureCancelledError("cancelled"), false],
    [new ModuleLoadError("gone", "file:///a.ts", "a"), false],
    [new CpuTimeLimitError("too long", 1), false],
    [new DOMException("no clone", "DataCloneError"), false],
  ];
  for (const [error, isRetried] of cases) {
    const { scheduler, executor, task, fail } = retrying({ retryIf: undefined });
    await during(scheduler, async () => {
      const future = task.submit(1);
      await fail(error);
      assertEquals(executor.calls.length, isRetried ? 2 : 1, String(error));
      future.cancel();
    }, { onException: "ignore" });
  }
});

Deno.test("Retry stops as soon as retryIf says no", async () => {
  const { executor, scheduler, task, fail } = retrying({
    maxAttempts: 9,
    retryIf: (error) => error === failure,
  });
  await during(scheduler, async () => {
    const future = task.submit(1);
    await fail();
    await fail(new TypeError("another"));
    assertEquals(String(await outcomeOf(future)), "TypeError: another");
  }, { onException: "ignore" });
  assertEquals(executor.calls.length, 2);
});

Deno.test("Retry judges errors of its functions as those of hooks", async () => {
  const broken = new TypeError("a bug");
  const throws = () => {
    throw broken;
  };
  const wrong: [options: object, message: string][] = [
    [{ retryIf: throws }, "a bug"],
    [{ backoff: throws }, "a bug"],
    [{ retryIf: async () => await true }, "retryIf must return true or false, not an object of"],
    [{ backoff: () => -1 }, "The result of backoff(1) must be 0 or more milliseconds, not -1"],
    [{ backoff: () => NaN }, "The result of backoff(1) must be a finite number, not NaN"],
    [{ backoff: () => Infinity }, "The result of backoff(1) must be a finite number"],
    [{ backoff: () => "5" }, 'The result of backoff(1) must be a number, not "5"'],
    [{ backoff: () => undefined }, "The result of backoff(1) must be a number, not undefined"],
    [{ backoff: async () => await 5 }, "must be a number, not an object of Promise"],
  ];
  for (const [options, message] of wrong) {
    for (const run of ["raise", "ignore"] as const) {
      const { executor, scheduler, task, fail } = retrying(options);
      const outcomes: unknown[] = [];
      scheduler.onStart(async () => {
        const future = task.submit(1);
        await fail();
        outcomes.push(await outcomeOf(future));
      });
      const ended = scheduler.run({ onException: { tasks: "ignore", run } });
      const reason = run === "ignore" ? undefined : await outcomeOf(ended);
      if (run === "raise") assertStringIncludes(String(reason), message);
      else await ended;
      assertStrictEquals(outcomes[0], failure);
      assertEquals([executor.calls.length, task.eventCounts.retry], [1, 0]);
    }
  }
});

Deno.test("Retry goes on when a callback of its event throws", async () => {
  const { scheduler, task, fail, executor } = retrying();
  task.on("retry", () => {
    throw new TypeError("a bug");
  });
  await during(scheduler, async () => {
    const future = task.submit(1);
    await fail();
    executor.calls.at(-1)?.succeed(5);
    assertEquals(await future, 5);
  }, { onException: "ignore" });
});

Deno.test("Retry emits in the async context of submit()", async () => {
  const storage = new AsyncLocalStorage<string>();
  const { scheduler, task, fail } = retrying({ maxAttempts: 2 });
  const seen: unknown[] = [];
  task.on("retry", () => seen.push(storage.getStore()));
  task.onException(() => seen.push(storage.getStore()));
  await during(scheduler, async () => {
    storage.run("mine", () => task.submit(1));
    await fail();
    await fail();
  }, { onException: "ignore" });
  assertEquals(seen, ["mine", "mine"]);
});

// --- pauses

Deno.test("Retry pauses by the clock that users see", async () => {
  using time = new FakeTime();
  const pauses = [100, 2 ** 31 + 5];
  const backoffs = [100, (attempt: number) => pauses[attempt - 1] ?? NaN];
  for (const backoff of backoffs) {
    const { executor, scheduler, task, fail, retry } = retrying({ backoff });
    await during(scheduler, async () => {
      const future = task.submit(1);
      for (const attempt of [1, 2]) {
        await fail();
        const pause = typeof backoff === "number" ? backoff : backoff(attempt);
        assertEquals([retry.statistics()["waiting"], time.timerCount], [1, 1]);
        await time.tickAsync(pause - 1);
        assertEquals([executor.calls.length, future.state], [attempt, "pending"]);
        await time.tickAsync(1);
        assertEquals([executor.calls.length, time.timerCount], [attempt + 1, 0]);
        assertEquals(retry.statistics()["waiting"], 0);
      }
      executor.calls.at(-1)?.succeed(1);
    });
  }
});

Deno.test("Retry needs no timer for a pause of 0", async () => {
  using time = new FakeTime();
  const { executor, scheduler, task, fail } = retrying({ backoff: () => 0 });
  await during(scheduler, async () => {
    task.submit(1);
    await fail();
    assertEquals([executor.calls.length, time.timerCount], [2, 0]);
    executor.calls.at(-1)?.succeed(1);
  });
});

Deno.test("Retry pauses exponentially by default", async () => {
  using time = new FakeTime();
  for (let repetition = 0; repetition < 20; repetition++) {
    const { executor, scheduler, task, fail } = retrying({ maxAttempts: 4, backoff: undefined });
    await during(scheduler, async () => {
      task.submit(1);
      for (const longest of [100, 200, 400]) {
        const count = executor.calls.length;
        await fail();
        assertEquals(executor.calls.length, count);
        await time.tickAsync(longest);
        assertEquals(executor.calls.length, count + 1);
      }
      executor.calls.at(-1)?.succeed(1);
    });
  }
});

Deno.test("Retry: a call that pauses can be cancelled", async () => {
  using time = new FakeTime();
  for (const how of ["cancel", "signal", "callback"]) {
    const { executor, scheduler, task, fail, retry } = retrying({ backoff: 100 });
    const controller = new AbortController();
    if (how === "callback") task.on("retry", (future) => void future.cancel());
    await during(scheduler, async () => {
      const future = task.with({ signal: controller.signal }).submit(1);
      await fail();
      if (how === "cancel") assertEquals(future.cancel(), true);
      if (how === "signal") controller.abort("too late");
      assertEquals([future.state, time.timerCount], ["cancelled", 0]);
      assertEquals(retry.statistics()["waiting"], 0);
      await time.tickAsync(1000);
      assertEquals([executor.calls.length, executor.cancelled.length], [1, 0]);
    });
    const { cancelled, done, retry: retries } = task.eventCounts;
    assertEquals([cancelled, done, retries], [1, 0, 1]);
  }
});

Deno.test("Retry: a call that pauses keeps the run alive", async () => {
  const { executor, scheduler, task, fail } = retrying({ backoff: 20 });
  const states: unknown[] = [];
  scheduler.onStart(() => {
    const future = task.submit(1);
    // Nobody awaits anything of this run.
    fail().then(() => states.push(scheduler.running, task.running, scheduler.queue.has(future)));
  });
  task.on("submitted", () => {
    const wait = () =>
      executor.calls.length < 2 ? setTimeout(wait, 1) : executor.calls[1]?.succeed(1);
    wait();
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals([states, task.eventCounts.result], [[true, true, true], 1]);
});

Deno.test("Retry: a run that ends cancels what pauses", async () => {
  const waits: RunOptions["wait"][] = [true, false, 0, 50, "all"];
  for (const wait of waits) {
    using time = new FakeTime();
    const { executor, scheduler, task, fail } = retrying({ backoff: 100 });
    const ended = await pausedAtTheEnd(scheduler, { wait }, async () => {
      task.submit(1);
      await fail();
      assertEquals(time.timerCount, 1);
      scheduler.stop();
    }, async () => {
      assertEquals(time.timerCount, wait === "all" ? 1 : 0, `${wait}`);
      await time.tickAsync(100);
      if (wait === "all") executor.calls[1]?.succeed(1);
    });
    assertEquals(ended.code, "stopped");
    const { cancelled, result } = task.eventCounts;
    assertEquals([cancelled, result], wait === "all" ? [0, 1] : [1, 0], `${wait}`);
    assertEquals(time.timerCount, 0);
  }
});

/** Acts in a run, then once its end has begun. */
async function pausedAtTheEnd(
  scheduler: Scheduler,
  options: RunOptions,
  act: () => Promise<void>,
  atTheEnd: () => Promise<void>,
) {
  scheduler.onStart(act);
  const run = scheduler.run(options);
  const draining = Promise.withResolvers<void>();
  // An immediate, because the timers are fake.
  scheduler.onFinishing(() => void setImmediate(draining.resolve));
  await draining.promise;
  await atTheEnd();
  return await run;
}

Deno.test("Retry: an attempt that fails while a run ends", async () => {
  for (const wait of [true, "all", 10_000] as const) {
    const { executor, scheduler, task, fail } = retrying();
    scheduler.onStart(() => {
      task.submit(1);
      executor.calls[0]?.started();
    });
    const run = scheduler.run({ wait });
    scheduler.stop();
    await turn();
    await fail();
    if (wait === "all") executor.calls[1]?.succeed(1);
    await run;
    const { cancelled, result, retry } = task.eventCounts;
    assertEquals([cancelled, result, retry], wait === "all" ? [0, 1, 1] : [1, 0, 1], `${wait}`);
  }
});

Deno.test("Retry: an abort and a disposal leave no timer", async () => {
  for (const how of ["abort", "dispose"]) {
    using time = new FakeTime();
    const { scheduler, task, fail } = retrying({ backoff: 100 });
    const controller = new AbortController();
    scheduler.onStart(() => void task.submit(1));
    const run = outcomeOf(scheduler.run({ signal: controller.signal, wait: "all" }));
    await fail();
    assertEquals(time.timerCount, 1);
    if (how === "abort") controller.abort(failure);
    else await scheduler[Symbol.asyncDispose]();
    await run;
    assertEquals([time.timerCount, task.eventCounts.cancelled], [0, 1]);
  }
});

Deno.test("Retry: 20,000 calls that pause are cancelled with the run", async () => {
  using time = new FakeTime();
  const { executor, scheduler, task, retry } = retrying({ backoff: 100 });
  scheduler.onStart(() => {
    for (let n = 0; n < 20_000; n++) task.submit(n);
    for (const call of executor.calls) call.fail(failure);
    assertEquals(retry.statistics()["waiting"], 20_000);
    scheduler.stop();
  });
  await scheduler.run();
  assertEquals([task.eventCounts.cancelled, time.timerCount], [20_000, 0]);
  assertEquals(retry.statistics()["waiting"], 0);
});

// --- what is not tried again

Deno.test("Retry does not send transferred buffers a second time", async () => {
  const { executor, scheduler } = retrying();
  const plugins = new Retry({ maxAttempts: 3, backoff: 0, retryIf: () => true });
  const size = scheduler.task((bytes: Uint8Array) => bytes.length, { plugins });
  await during(scheduler, async () => {
    const [one, other] = [new Uint8Array(8), new Uint8Array(8)];
    const futures = [
      size.with({ transfer: [one.buffer] }).submit(one),
      size.submit(transfer(other, [other.buffer])),
    ];
    for (const call of executor.calls) call.fail(failure);
    await settled();
    for (const future of futures) assertStrictEquals(future.exception, failure);
  }, { onException: "ignore" });
  assertEquals([executor.calls.length, size.eventCounts.retry], [2, 0]);
});

Deno.test("Retry does not try a call again whose argument failed", async () => {
  const { executor, scheduler, task } = retrying();
  const error = new WorkerLostError("lost", "exit");
  await during(scheduler, async () => {
    const needed = scheduler.submit(same, 1);
    const future = task.submit(needed);
    executor.calls[0]?.fail(error);
    assertStrictEquals(await outcomeOf(future), error);
  }, { onException: "ignore" });
  assertEquals([executor.calls.length, task.eventCounts.retry], [1, 0]);
});

Deno.test("Retry uses the results of futures in each attempt", async () => {
  const { executor, scheduler, task, fail } = retrying();
  await during(scheduler, async () => {
    const needed = scheduler.submit(same, 1);
    const future = task.submit(needed);
    executor.calls[0]?.succeed(5);
    await fail();
    executor.calls.at(-1)?.succeed(6);
    assertEquals(await future, 6);
  });
  assertEquals(executor.args, [[1], [5], [5]]);
});

// --- display

Deno.test("Retry.statistics() is shown in the tree", () => {
  const { scheduler } = retrying();
  const shown = "plugin retry maxAttempts=3 attempts=0 retries=0 waiting=0";
  assert(scheduler.toString().includes(shown), scheduler.toString());
});

Deno.test("Retry refuses a class as retryIf", () => {
  assertThrows(
    () => new Retry({ maxAttempts: 2, retryIf: RangeError as never }),
    TypeError,
    "(error) => error instanceof RangeError",
  );
});
