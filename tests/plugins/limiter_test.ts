import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type AnyTask,
  Limiter,
  type LimiterOptions,
  Scheduler,
  type Submission,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";

const LIMIT_EVENTS = [
  "call-limit-reached",
  "concurrent-limit-reached",
  "disabled-due-to-running-task",
] as const;

/** The limit events of a task, each with its arguments but for the task. */
function limitsOf(task: AnyTask): unknown[] {
  const seen: unknown[] = [];
  for (const name of LIMIT_EVENTS) {
    task.on(name, (sender: unknown, ...args: unknown[]) => {
      assertStrictEquals(sender, task);
      seen.push([name, ...args]);
    });
  }
  return seen;
}

Deno.test("Limiter maxCalls accepts that many submissions, then declines", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number, text: string) => `${n}${text}`, {
    plugins: new Limiter({ maxCalls: 2 }),
  });
  const limits = limitsOf(task);
  const results: string[] = [];
  const taken: boolean[] = [];
  task.onResult((_future, text) => results.push(text));
  scheduler.onStart(() => {
    for (const n of [1, 2, 3, 4]) taken.push(task.submit(n, "x") !== undefined);
  });
  await scheduler.run();
  assertEquals(taken, [true, true, false, false]);
  assertEquals(results, ["1x", "2x"]);
  assertEquals(limits, [["call-limit-reached", 3, "x"], ["call-limit-reached", 4, "x"]]);
  assertEquals(scheduler.eventCounts["future-submitted"], 2);
  assertEquals(task.submissionCount, 2);
});

Deno.test("Limiter maxCalls counts over all runs", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 3 }) });
  const limits = limitsOf(task);
  const results: number[] = [];
  task.onResult((_future, n) => results.push(n));
  for (const batch of [[1, 2], [3, 4], [5]]) {
    scheduler.onStart(() => batch.forEach((n) => task.submit(n)), { limit: 1 });
    await scheduler.run();
  }
  assertEquals(results, [1, 2, 3]);
  assertEquals(limits, [["call-limit-reached", 4], ["call-limit-reached", 5]]);
});

Deno.test("Limiter maxCalls does not count what another plugin declines", async () => {
  for (const order of ["limiter first", "limiter last"]) {
    const scheduler = Scheduler.withSequential();
    const limiter = new Limiter({ maxCalls: 2 });
    const oddOnly = {
      name: "odd-only",
      preSubmit: (submission: Submission) =>
        Number(submission.args[0]) % 2 === 1 ? submission : null,
    };
    const plugins = order === "limiter first" ? [limiter, oddOnly] : [oddOnly, limiter];
    const task = scheduler.task((n: number) => n, { plugins });
    const limits = limitsOf(task);
    const results: number[] = [];
    task.onResult((_future, n) => results.push(n));
    scheduler.onStart(() => {
      for (const n of [0, 1, 2, 3, 5]) task.submit(n);
    });
    await scheduler.run();
    assertEquals([order, results, limits], [order, [1, 3], [["call-limit-reached", 5]]]);
  }
});

Deno.test("Limiter maxCalls counts submissions cancelled inside future-submitted", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 2 }) });
  const limits = limitsOf(task);
  scheduler.onFutureSubmitted((future) => future.cancel());
  scheduler.onStart(() => {
    const states = [1, 2, 3].map((n) => task.submit(n)?.state);
    assertEquals(states, ["cancelled", "cancelled", undefined]);
  });
  await scheduler.run();
  assertEquals(limits, [["call-limit-reached", 3]]);
  assertEquals([task.submissionCount, task.runningCount], [2, 0]);
});

Deno.test("Limiter maxCalls does not count a submission that throws", async () => {
  const scheduler = Scheduler.withSequential();
  const limiter = new Limiter({ maxCalls: 1 });
  let fails = true;
  const faulty = {
    name: "faulty",
    preSubmit(submission: Submission) {
      if (fails) throw new Error("not now");
      return submission;
    },
  };
  const task = scheduler.task((n: number) => n, { plugins: [limiter, faulty] });
  assertThrows(() => task.submit(0), Error, "not running");
  scheduler.onStart(() => {
    assertThrows(() => task.submit(1), Error, "not now");
    fails = false;
    assert(task.submit(2) !== undefined);
    assertEquals(task.submit(3), undefined);
  });
  await scheduler.run();
});

Deno.test("Limiter maxConcurrent declines while so many futures are unsettled", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxConcurrent: 2 }) });
  const limits = limitsOf(task);
  const results: number[] = [];
  task.onResult((_future, n) => results.push(n));
  scheduler.onStart(() => {
    for (const n of [1, 2, 3]) task.submit(n);
  });
  scheduler.onEmpty(() => {
    for (const n of [4, 5, 6]) task.submit(n);
  }, { limit: 1 });
  await scheduler.run();
  assertEquals(results, [1, 2, 4, 5]);
  assertEquals(limits, [["concurrent-limit-reached", 3], ["concurrent-limit-reached", 6]]);
});

Deno.test("Limiter maxConcurrent ignores a future from its first settlement event", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n < 3 ? n : Promise.reject("no"), {
    plugins: new Limiter({ maxConcurrent: 1 }),
  });
  const limits = limitsOf(task);
  const submitted: number[] = [];
  task.onSubmitted((_future, n) => submitted.push(n));
  let next = 1;
  const submitNext = () => {
    if (next < 6) task.submit(next++);
  };
  scheduler.onStart(submitNext);
  scheduler.onFutureDone(submitNext);
  scheduler.onFutureCancelled(submitNext);
  // The fourth and fifth are cancelled while they wait.
  task.onSubmitted((future, n) => {
    if (n > 3) future.cancel();
  });
  await scheduler.run({ onException: "ignore" });
  assertEquals([submitted, limits], [[1, 2, 3, 4, 5], []]);
});

Deno.test("Limiter notWhileRunning declines while another task has unsettled futures", async () => {
  const scheduler = Scheduler.withSequential();
  const first = scheduler.task(() => 1, { name: "first" });
  const second = scheduler.task(() => 2, { name: "second" });
  const task = scheduler.task((n: number) => n, {
    plugins: new Limiter({ notWhileRunning: [first, second] }),
  });
  const limits = limitsOf(task);
  const answers: boolean[] = [];
  const attempt = (n: number) => answers.push(task.submit(n) !== undefined);
  scheduler.onStart(() => {
    attempt(1);
    second.submit();
    attempt(2);
  });
  second.onDone(() => attempt(3));
  second.onResult(() => first.submit());
  second.onResult(() => attempt(4));
  first.onDone(() => attempt(5));
  await scheduler.run();
  assertEquals(answers, [true, false, true, false, true]);
  assertEquals(limits, [2, 4].map((n) => ["disabled-due-to-running-task", n]));
});

Deno.test("Limiter notWhileRunning takes one task or copies the list", async () => {
  const scheduler = Scheduler.withSequential();
  const busy = scheduler.task(() => 1);
  const list: AnyTask[] = [];
  const plain = scheduler.task(() => 0, { plugins: new Limiter({ notWhileRunning: list }) });
  const guarded = scheduler.task(() => 0, { plugins: new Limiter({ notWhileRunning: busy }) });
  list.push(busy);
  scheduler.onStart(() => {
    busy.submit();
    assertEquals([plain.submit()?.state, guarded.submit()?.state], ["pending", undefined]);
  });
  await scheduler.run();
});

Deno.test("Limiter emits one event per declined submission, in option order", async () => {
  const scheduler = Scheduler.withSequential();
  const other = scheduler.task(() => 1);
  const limits = ([
    { maxCalls: 1, maxConcurrent: 1, notWhileRunning: other },
    { maxCalls: 9, maxConcurrent: 1, notWhileRunning: other },
    { maxCalls: 9, maxConcurrent: 9, notWhileRunning: other },
  ] satisfies LimiterOptions[]).map((options) => {
    const task = scheduler.task((n: number) => n, { plugins: new Limiter(options) });
    const limits = limitsOf(task);
    scheduler.onStart(() => {
      assert(task.submit(1) !== undefined);
    });
    scheduler.onFutureSubmitted(({ taskName }) => {
      if (taskName === "blocker") assertEquals(task.submit(2), undefined);
    });
    return limits;
  });
  scheduler.onStart(() => {
    other.submit();
    scheduler.submit(function blocker() {});
  });
  await scheduler.run();
  assertEquals(limits, LIMIT_EVENTS.map((name) => [[name, 2]]));
});

Deno.test("Limiter declines inside a callback of its event without recursion", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxConcurrent: 1 }) });
  const seen: number[] = [];
  task.on("concurrent-limit-reached", (sender, n) => {
    seen.push(n);
    if (n < 4) assertEquals(sender.submit(n + 1), undefined);
  });
  scheduler.onStart(() => {
    task.submit(1);
    task.submit(2);
  });
  await scheduler.run();
  assertEquals(seen, [2, 3, 4]);
});

Deno.test("Limiter() without limits accepts everything", async () => {
  const scheduler = Scheduler.withSequential();
  const none: LimiterOptions = {
    maxCalls: undefined,
    maxConcurrent: undefined,
    notWhileRunning: undefined,
  };
  const unlimited: LimiterOptions = { maxCalls: Infinity, maxConcurrent: Infinity };
  const limiters = [{}, none, unlimited].map((options) => new Limiter(options));
  assertEquals(limiters.map((limiter) => limiter.statistics()), [{}, {}, {}]);
  const tasks = limiters.map((plugins) => scheduler.task((n: number) => n, { plugins }));
  scheduler.onStart(() => {
    for (const task of tasks) for (const n of [1, 2, 3]) task.submit(n);
  });
  await scheduler.run();
  assertEquals(scheduler.eventCounts["future-result"], 9);
});

for (const option of ["maxCalls", "maxConcurrent"] as const) {
  for (const value of [0, -1, 1.5, NaN, -Infinity]) {
    Deno.test(`Limiter() refuses ${option}: ${value} with a RangeError that names both`, () => {
      const error = assertThrows(() => new Limiter({ [option]: value }), RangeError, option);
      assert(error.message.endsWith(`not ${value}`), error.message);
    });
  }
  Deno.test(`Limiter() refuses ${option}: "2" with a TypeError that names both`, () => {
    const make = () => new Limiter({ [option]: "2" } as LimiterOptions);
    assert(assertThrows(make, TypeError, option).message.endsWith('not "2"'));
  });
}

Deno.test("Limiter() refuses unknown options, and something else than tasks", () => {
  const make = (options: unknown) => () => new Limiter(options as LimiterOptions);
  assertThrows(make({ maxcalls: 2 }), TypeError, 'no option "maxcalls"');
  assertThrows(make({ notWhileRunning: () => {} }), TypeError, "notWhileRunning takes tasks");
  assertThrows(make({ notWhileRunning: [null] }), TypeError, "not null");
  assertThrows(make({ notWhileRunning: null }), TypeError, "not null");
  assertThrows(make(null), TypeError, "not null");
});

Deno.test("Limiter refuses its own task in notWhileRunning", () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(function work() {});
  const limiter = new Limiter({ notWhileRunning: [task] });
  assertThrows(() => task.attachPlugin(limiter), RangeError, "work itself");
  assertEquals(task.plugins, []);
});

Deno.test("Limiter that a task refuses leaves the task usable", () => {
  const task = Scheduler.withSequential().task(() => {});
  assertThrows(() => task.attachPlugin(new Limiter({ notWhileRunning: task })), RangeError);
  const limiter = new Limiter({ maxCalls: 1 });
  task.attachPlugin(limiter);
  assertEquals(task.plugins, [limiter]);
});

Deno.test("Limiter.statistics() returns the set limits and their use", async () => {
  const scheduler = Scheduler.withSequential();
  const other = scheduler.task(() => {}, { name: "other" });
  const more = scheduler.task(() => {}, { name: "more" });
  const limiter = new Limiter({ maxCalls: 5, maxConcurrent: 4, notWhileRunning: [other, more] });
  const unset = { maxCalls: "0/5", maxConcurrent: "0/4", notWhileRunning: "other,more" };
  assertEquals(limiter.statistics(), unset);
  assertEquals(new Limiter({}).statistics(), {});
  const task = scheduler.task(() => {}, { plugins: limiter });
  scheduler.onStart(() => {
    task.submit();
    task.submit();
    assertEquals(limiter.statistics(), { ...unset, maxCalls: "2/5", maxConcurrent: "2/4" });
  });
  await scheduler.run();
  assertEquals(limiter.statistics(), { ...unset, maxCalls: "2/5" });
});

Deno.test("Limiter caps concurrent calls in workers and loses no submission", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
  const task = scheduler.task((n: number) => n * 2, {
    plugins: new Limiter({ maxConcurrent: 2 }),
  });
  const waiting = Array.from({ length: 12 }, (_, n) => n);
  const results: number[] = [];
  let most = 0;
  const fill = () => {
    for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) {
      if (task.submit(n) !== undefined) most = Math.max(most, task.runningCount);
      else return;
    }
  };
  task.on("concurrent-limit-reached", (_task, n) => waiting.unshift(n));
  task.onResult((_future, n) => results.push(n));
  scheduler.onStart(fill);
  task.onDone(fill);
  await scheduler.run();
  assertEquals(results.toSorted((a, b) => a - b), Array.from({ length: 12 }, (_, n) => 2 * n));
  assertEquals(most, 2);
});
