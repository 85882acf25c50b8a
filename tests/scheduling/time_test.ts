import { assertEquals, assertRejects } from "@std/assert";
import {
  callAfter,
  keepAlive,
  longestSleep,
  now,
  settlesWithin,
} from "../../scheduling/_base/time.ts";
import { FakeTime } from "../fixtures/fake_time.ts";

const LONGEST_TIMER = 2 ** 31 - 1;

Deno.test("FakeTime fires nothing before time is moved, and lets go when disposed of", async () => {
  const { setTimeout: realSetTimeout, Date: RealDate } = globalThis;
  const realSignalTimeout = AbortSignal.timeout;
  {
    using time = new FakeTime();
    const seen: string[] = [];
    const start = Date.now();
    setTimeout(() => seen.push("timeout"), 50);
    const interval = setInterval(() => seen.push("interval"), 40);
    const signal = AbortSignal.timeout(60);
    signal.addEventListener("abort", () => seen.push(signal.reason.name));
    assertEquals(time.timerCount, 3);
    await time.tickAsync(39);
    assertEquals(seen, []);
    await time.tickAsync(21);
    assertEquals(seen, ["interval", "timeout", "TimeoutError"]);
    assertEquals(Date.now() - start, 60);
    clearInterval(interval);
    assertEquals(time.timerCount, 0);
  }
  assertEquals(globalThis.setTimeout, realSetTimeout);
  assertEquals(globalThis.Date, RealDate);
  assertEquals(AbortSignal.timeout, realSignalTimeout);
});

Deno.test("FakeTime.tickAsync() settles promises between two timers, tick() does not", async () => {
  using time = new FakeTime();
  const seen: string[] = [];
  const schedule = () => {
    setTimeout(() => {
      seen.push("first");
      Promise.resolve().then(() => seen.push("promise"));
    }, 1);
    setTimeout(() => seen.push("second"), 2);
  };
  schedule();
  await time.tickAsync(2);
  assertEquals(seen.splice(0), ["first", "promise", "second"]);
  schedule();
  time.tick(2);
  assertEquals(seen, ["first", "second"]);
});

Deno.test("now() is the monotonic clock, in milliseconds", () => {
  const before = performance.now();
  const between = now();
  const after = performance.now();
  assertEquals([before <= between, between <= after], [true, true]);
});

Deno.test("settlesWithin() is true as soon as the promise settles", async () => {
  using time = new FakeTime();
  const { promise, resolve } = Promise.withResolvers<void>();
  const answer = answerOf(settlesWithin(promise, 100));
  await time.tickAsync(99);
  assertEquals(answer.value, undefined);
  resolve();
  await time.tickAsync(0);
  assertEquals(answer.value, true);
});

Deno.test("settlesWithin() is false exactly when the time is up", async () => {
  using time = new FakeTime();
  const answer = answerOf(settlesWithin(new Promise(() => {}), 100));
  await time.tickAsync(99);
  assertEquals(answer.value, undefined);
  await time.tickAsync(1);
  assertEquals(answer.value, false);
});

Deno.test("settlesWithin() passes a rejection on", async () => {
  using _time = new FakeTime();
  const error = await assertRejects(() => settlesWithin(Promise.reject(new RangeError("x")), 5));
  assertEquals([error.name, error.message], ["RangeError", "x"]);
});

for (const ms of [LONGEST_TIMER, LONGEST_TIMER + 1, 2 ** 32 + 5, 3 * LONGEST_TIMER]) {
  Deno.test(`settlesWithin() waits ${ms} milliseconds, no timer being longer than the platform's`, async () => {
    using time = new FakeTime();
    using longest = watchTimers();
    const answer = answerOf(settlesWithin(new Promise(() => {}), ms));
    await time.tickAsync(ms - 1);
    assertEquals(answer.value, undefined);
    // A last timer of 0 milliseconds may follow, which takes one.
    await time.tickAsync(2);
    assertEquals(answer.value, false);
    assertEquals(longest.delay, Math.min(ms, LONGEST_TIMER));
  });

  Deno.test(`callAfter() waits ${ms} milliseconds, no timer being longer than the platform's`, () => {
    using time = new FakeTime();
    using longest = watchTimers();
    let calls = 0;
    callAfter(ms, () => calls++);
    time.tick(ms - 1);
    assertEquals(calls, 0);
    time.tick(1);
    assertEquals(calls, 1);
    time.tick(2 * LONGEST_TIMER);
    assertEquals(calls, 1);
    assertEquals(longest.delay, Math.min(ms, LONGEST_TIMER));
    assertEquals(time.timerCount, 0);
  });
}

Deno.test("settlesWithin() sees a promise settle in the second timer of a long wait", async () => {
  using time = new FakeTime();
  const { promise, resolve } = Promise.withResolvers<void>();
  const answer = answerOf(settlesWithin(promise, 2 * LONGEST_TIMER));
  await time.tickAsync(LONGEST_TIMER + 10);
  assertEquals(answer.value, undefined);
  resolve();
  await time.tickAsync(0);
  assertEquals(answer.value, true);
});

Deno.test("callAfter() never fires for Infinity", () => {
  using time = new FakeTime();
  const cancel = callAfter(Infinity, () => {
    throw new Error("fired");
  });
  time.tick(5 * LONGEST_TIMER);
  assertEquals(time.timerCount, 1);
  cancel();
  assertEquals(time.timerCount, 0);
});

Deno.test("callAfter() is cancelled in the first and in a later timer of a long wait", () => {
  using time = new FakeTime();
  for (const elapsed of [0, LONGEST_TIMER + 1]) {
    const cancel = callAfter(2 * LONGEST_TIMER, () => {
      throw new Error("fired");
    });
    time.tick(elapsed);
    assertEquals(time.timerCount, 1);
    cancel();
    cancel();
    assertEquals(time.timerCount, 0);
  }
});

Deno.test("keepAlive() holds one timer until it is let go", () => {
  using time = new FakeTime();
  const letGo = keepAlive();
  time.tick(3 * LONGEST_TIMER);
  assertEquals(time.timerCount, 1);
  letGo();
  assertEquals(time.timerCount, 0);
});

/** What a promise resolved to, once it has. */
function answerOf<T>(promise: Promise<T>): { value: T | undefined } {
  const answer: { value: T | undefined } = { value: undefined };
  promise.then((value) => answer.value = value);
  return answer;
}

/** The longest delay that `setTimeout()` is given while it watches. */
function watchTimers(): Disposable & { readonly delay: number } {
  const original = globalThis.setTimeout;
  const watch = {
    delay: 0,
    [Symbol.dispose]: () => void (globalThis.setTimeout = original),
  };
  globalThis.setTimeout = ((fn: () => void, delay = 0) => {
    watch.delay = Math.max(watch.delay, delay);
    return original(fn, delay);
  }) as typeof setTimeout;
  return watch;
}

Deno.test("longestSleep() is short where an immediate waits for the next timer", () => {
  const sleeps = ["2.6.0", "2.6.1", "2.6.2", "2.5.6", null].map(longestSleep);
  assertEquals(sleeps, [2, 2, LONGEST_TIMER, LONGEST_TIMER, LONGEST_TIMER]);
});
