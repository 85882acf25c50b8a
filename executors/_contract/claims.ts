/** What every executor must do, claim by claim. @module */

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { FutureCancelledError, ModuleLoadError } from "../../scheduling/errors.ts";
import { fromModule } from "../../scheduling/function.ts";
import type { Future } from "../../scheduling/future.ts";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck } from "./executor_check.ts";
import { submitAll } from "./submit_all.ts";

/** The claims; each check makes executors of its own. */
export const CLAIMS: readonly ExecutorCheck[] = [
  {
    name: "returns what sync and async functions return",
    async check(make) {
      const results = await submitAll(make(2), [
        [(a: number, b: number) => a + b, 1, 2],
        [async (text: string) => await Promise.resolve(text.toUpperCase()), "x"],
        [() => undefined],
        [(...rest: number[]) => ({ rest }), 1, 2, 3],
      ]);
      assertEquals(results, [3, "X", undefined, { rest: [1, 2, 3] }]);
    },
  },
  {
    name: "calls functions without a this",
    async check(make) {
      const thisOf = function (this: unknown) {
        return String(this);
      };
      const asynchronous = async function (this: unknown) {
        return await Promise.resolve(String(this));
      };
      const results = await submitAll(make(1), [[thisOf], [asynchronous], [thisOf]]);
      assertEquals(results, ["undefined", "undefined", "undefined"]);
    },
  },
  {
    name: "passes on what a function throws, with class, cause and fields",
    async check(make) {
      const [failure] = await submitAll(make(1), [[() => {
        const error = new RangeError("too far", { cause: new TypeError("no number") });
        throw Object.assign(error, { limit: 3 });
      }]]);
      assertInstanceOf(failure, RangeError);
      assertEquals([failure.message, (failure as { limit?: number }).limit], ["too far", 3]);
      assertInstanceOf(failure.cause, TypeError);
      assertEquals(failure.cause.message, "no number");
    },
  },
  {
    name: "passes on a thrown value other than an error, and a rejection",
    async check(make) {
      const results = await submitAll(make(1), [
        [() => {
          throw { code: 7 };
        }],
        [() => Promise.reject("no")],
        [() => {
          throw undefined;
        }],
      ]);
      assertEquals(results, [{ code: 7 }, "no", undefined]);
    },
  },
  {
    name: "calls functions of modules, and names one that cannot be loaded",
    async check(make) {
      const url = "data:text/javascript,export const double = (n) => n * 2; export const no = 1";
      type Module = { double(n: number): number; no(): void; nothing(): void };
      const { double, no, nothing } = fromModule<Module>(url);
      const [result, ...failures] = await submitAll(make(1), [[double, 21], [no], [nothing]]);
      assertEquals(result, 42);
      for (const [index, failure] of failures.entries()) {
        assertInstanceOf(failure, ModuleLoadError);
        assertEquals([failure.url, failure.exportName], [url, ["no", "nothing"][index]]);
      }
    },
  },
  {
    name: "gives a shared value to each call that takes it, also after its release",
    async check(make) {
      const executor = make(2);
      const scheduler = new Scheduler(executor);
      const data = scheduler.share({ xs: new Float64Array([1, 2]), more: [3] });
      const total = (n: number, { xs, more }: typeof data, last: { xs: Float64Array }) =>
        n + (xs[0] ?? NaN) + (more[0] ?? NaN) + (last.xs[1] ?? NaN);
      const results: number[] = [];
      scheduler.onStart(() => {
        for (let n = 0; n < 10; n++) scheduler.submit(total, n, data, data);
        data.release();
        scheduler.submit(total, 10, data, { xs: new Float64Array([0, 5]) });
      });
      scheduler.onFutureResult((_future, result) => results.push(result as number));
      await scheduler.run();
      results.sort((a, b) => a - b);
      assertEquals(results, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19]);
    },
  },
  {
    name: "starts calls in the order of submission, each after its submitted event",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n);
      const order: string[] = [];
      scheduler.onStart(() => {
        for (let n = 0; n < 20; n++) task.submit(n);
      });
      task.onSubmitted((future, n) => order.push(`${future.state} ${n}`));
      task.onResult((_future, n) => order.push(`result ${n}`));
      await scheduler.run();
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      const expected = [
        ...numbers.map((n) => `pending ${n}`),
        ...numbers.map((n) => `result ${n}`),
      ];
      assertEquals(order, expected);
    },
  },
  {
    name: "starts a call that a submitted callback submits after the submitted one",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n);
      const results: number[] = [];
      scheduler.onStart(() => {
        task.submit(1);
        task.submit(2);
      });
      task.onSubmitted((_future, n) => {
        if (n < 10) task.submit(n * 10);
      });
      task.onResult((_future, n) => results.push(n));
      await scheduler.run();
      assertEquals(results, [1, 10, 2, 20]);
    },
  },
  {
    name: "runs no more calls at a time than it has workers",
    async check(make) {
      const executor = make(2);
      const scheduler = new Scheduler(executor);
      const task = scheduler.task((ms: number) => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      });
      let most = 0;
      // Short enough to cross together, and long enough for several to end between two reports.
      scheduler.onStart(() => {
        for (let n = 0; n < 50; n++) task.submit(0.2);
      });
      task.onResult(() => {
        const isRunning = (future: Future<unknown>) => future.state === "running";
        // Twice, because a worker may go on from one to the next during the look.
        const running = [...task.queue].filter(isRunning).filter(isRunning);
        most = Math.max(most, running.length);
      });
      await scheduler.run();
      assert(most <= executor.workerCount, `${most} ran at a time`);
      assertEquals(task.eventCounts.result, 50);
    },
  },
  {
    name: "never starts a call that was cancelled while it waited",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const futures: Future<unknown>[] = [];
      scheduler.onStart(() => {
        for (let n = 0; n < 3; n++) futures.push(scheduler.submit((x: number) => x, n));
        futures[1]?.cancel();
      });
      await scheduler.run();
      assertEquals(futures.map((future) => future.state), ["done", "cancelled", "done"]);
      assertEquals(futures[1]?.startedAt, undefined);
    },
  },
  {
    name: "abandons a running call that is cancelled, and runs the next",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const endless = scheduler.task(() => new Promise(() => {}));
      const quick = scheduler.task((n: number) => n);
      let stuck: Future<unknown> | undefined;
      scheduler.onStart(() => {
        stuck = endless.submit();
        scheduler.callLater(0, cancelWhenRunning);
        quick.submit(1);
      });
      function cancelWhenRunning() {
        if (stuck?.state === "running") stuck.cancel();
        else scheduler.callLater(1, cancelWhenRunning);
      }
      await scheduler.run();
      assertInstanceOf(stuck?.exception, FutureCancelledError);
      assertEquals([stuck.state, quick.eventCounts.result], ["cancelled", 1]);
    },
  },
  {
    name: "settles each call once, whatever its neighbours do",
    async check(make) {
      const scheduler = new Scheduler(make(2));
      const task = scheduler.task((n: number) => {
        if (n % 3 === 0) throw new Error(`${n}`);
        return n % 3 === 1 ? n : Promise.resolve(n);
      });
      const settled: number[] = [];
      scheduler.onStart(() => {
        for (let n = 0; n < 90; n++) task.submit(n);
      });
      task.onResult((_future, n) => settled.push(n));
      task.onException((_future, error) => settled.push(Number((error as Error).message)));
      await scheduler.run({ onException: "ignore" });
      assertEquals(settled.toSorted((a, b) => a - b), Array.from({ length: 90 }, (_, n) => n));
      assertEquals([task.eventCounts.result, task.eventCounts.exception], [60, 30]);
    },
  },
  {
    name: "can be used again after a shutdown",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n + 1);
      scheduler.onStart(() => {
        task.submit(1);
      });
      const exits = [await scheduler.run(), await scheduler.run()];
      assertEquals(exits.map((exit) => exit.code), ["exhausted", "exhausted"]);
      assertEquals(task.eventCounts.result, 2);
    },
  },
  {
    name: "lets a run that waits for nothing end at once",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const endless = scheduler.task(() => new Promise(() => {}));
      scheduler.onStart(() => {
        for (let n = 0; n < 3; n++) endless.submit();
        scheduler.callLater(20, scheduler.stop);
      });
      const exit = await scheduler.run({ wait: false });
      assertEquals([exit.code, endless.eventCounts.cancelled], ["stopped", 3]);
    },
  },
  {
    name: "says how many workers it has",
    check(make) {
      const { workerCount, name } = make(3);
      const isCount = Number.isSafeInteger(workerCount) || workerCount === Infinity;
      assert(isCount && workerCount >= 1, `${workerCount} workers`);
      assertStrictEquals(typeof name, "string");
      return Promise.resolve();
    },
  },
];
