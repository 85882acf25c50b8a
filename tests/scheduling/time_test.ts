import { assertEquals, assertRejects } from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  callAfter,
  callAfterGrace,
  callAfterReading,
  keepAlive,
  longestSleep,
  now,
  queueMicrotask,
  setImmediate,
  settlesInGrace,
  settlesWithin,
  userTimers,
} from "../../scheduling/_base/time.ts";
import { FakeTime } from "../fixtures/fake_time.ts";

const LONGEST_TIMER = 2 ** 31 - 1;

Deno.test("FakeTime fires timers only when time is moved", async () => {
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
  const answer = answerOf(settlesWithin(promise, 100, userTimers()));
  await time.tickAsync(99);
  assertEquals(answer.value, undefined);
  resolve();
  await time.tickAsync(0);
  assertEquals(answer.value, true);
});

Deno.test("settlesWithin() is false exactly when the time is up", async () => {
  using time = new FakeTime();
  const answer = answerOf(settlesWithin(new Promise(() => {}), 100, userTimers()));
  await time.tickAsync(99);
  assertEquals(answer.value, undefined);
  await time.tickAsync(1);
  assertEquals(answer.value, false);
});

Deno.test("settlesWithin() passes a rejection on", async () => {
  using _time = new FakeTime();
  const rejected = Promise.reject(new RangeError("x"));
  const error = await assertRejects(() => settlesWithin(rejected, 5, userTimers()));
  assertEquals([error.name, error.message], ["RangeError", "x"]);
});

for (const ms of [LONGEST_TIMER, LONGEST_TIMER + 1, 2 ** 32 + 5, 3 * LONGEST_TIMER]) {
  Deno.test(`settlesWithin() waits ${ms} milliseconds, no timer being longer than the platform's`, async () => {
    using time = new FakeTime();
    using longest = watchTimers();
    const answer = answerOf(settlesWithin(new Promise(() => {}), ms, userTimers()));
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
    callAfter(ms, () => calls++, userTimers());
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
  const answer = answerOf(settlesWithin(promise, 2 * LONGEST_TIMER, userTimers()));
  await time.tickAsync(LONGEST_TIMER + 10);
  assertEquals(answer.value, undefined);
  resolve();
  await time.tickAsync(0);
  assertEquals(answer.value, true);
});

Deno.test("callAfter() never fires for Infinity", () => {
  using time = new FakeTime();
  const fail = () => {
    throw new Error("fired");
  };
  const cancel = callAfter(Infinity, fail, userTimers());
  time.tick(5 * LONGEST_TIMER);
  assertEquals(time.timerCount, 1);
  cancel();
  assertEquals(time.timerCount, 0);
});

Deno.test("callAfter() is cancelled in the first and in a later timer of a long wait", () => {
  using time = new FakeTime();
  for (const elapsed of [0, LONGEST_TIMER + 1]) {
    const fail = () => {
      throw new Error("fired");
    };
    const cancel = callAfter(2 * LONGEST_TIMER, fail, userTimers());
    time.tick(elapsed);
    assertEquals(time.timerCount, 1);
    cancel();
    cancel();
    assertEquals(time.timerCount, 0);
  }
});

Deno.test("callAfter() clears timers with their own clock", () => {
  const time = new FakeTime();
  const fail = () => {
    throw new Error("fired");
  };
  const cancels = [callAfter(2 * LONGEST_TIMER, fail, userTimers())];
  time.tick(LONGEST_TIMER + 1);
  time[Symbol.dispose]();
  cancels.push(callAfter(60_000, fail, userTimers()), callAfter(60_000, fail), keepAlive());
  // The sanitizers of this test find a timer of the platform that is left.
  using other = new FakeTime();
  for (const cancel of cancels) cancel();
  assertEquals([time.timerCount, other.timerCount], [0, 0]);
});

Deno.test("The pool's timers and clock go on under a clock that fakes everything", async () => {
  const before = performance.now();
  using time = new FakeTime({ everything: true });
  const letGo = keepAlive();
  const seen: string[] = [];
  const fired = new Promise<void>((resolve) => callAfter(1, resolve));
  queueMicrotask(() => seen.push("microtask"));
  await new Promise<void>((resolve) => setImmediate(resolve));
  await fired;
  seen.push(`${await settlesInGrace(new Promise(() => {}), 1)}`);
  letGo();
  assertEquals([seen, time.timerCount, performance.now() === 0], [["microtask", "false"], 0, true]);
  assertEquals(now() > before, true);
});

Deno.test("settlesInGrace() counts a stall as one step of it", async () => {
  const answer = settlesInGrace(new Promise((resolve) => setTimeout(resolve, 101)), 90);
  block(100);
  assertEquals(await answer, true);
});

Deno.test("callAfterGrace() calls once, not before the time is up, and can be cancelled", async () => {
  const start = performance.now();
  let calls = 0;
  const cancel = callAfterGrace(1, () => calls++);
  cancel();
  await new Promise<void>((resolve) => callAfterGrace(120, resolve));
  assertEquals([calls, performance.now() - start >= 119], [0, true]);
});

Deno.test("callAfterReading() is not early, and can be cancelled before and after a stall", async () => {
  const start = performance.now();
  let calls = 0;
  callAfterReading(1, () => calls++)();
  const cancel = callAfterReading(1, () => calls++);
  // It fires next, when the stall is over.
  setTimeout(cancel, 2);
  block(100);
  await new Promise<void>((resolve) => callAfterReading(120, resolve));
  assertEquals([calls, performance.now() - start >= 119], [0, true]);
});

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test("callAfter() calls without the async context of its caller", async () => {
  const storage = new AsyncLocalStorage<string>();
  const store = await storage.run("caller", () =>
    new Promise((resolve) => {
      callAfter(0, () => resolve(storage.getStore()));
    }));
  assertEquals(store, undefined);
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
