/** What an executor must report of its workers. @module */

import { assertEquals } from "@std/assert";
import type { Executor, RunningCall } from "../../scheduling/executor.ts";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck } from "./executor_check.ts";

/** The claims; an executor without `workers()` keeps them by its reports. */
export const WORKER_CLAIMS: readonly ExecutorCheck[] = [
  {
    name: "reports what its workers run and have run",
    async check(make) {
      const executor = make(1);
      const scheduler = new Scheduler(executor);
      const endless = scheduler.task(() => new Promise(() => {}), { name: "endless" });
      const seen: unknown[] = [];
      scheduler.onStart(async () => {
        await scheduler.submit(() => 1);
        const future = endless.submit();
        scheduler.callLater(0, function lookWhenRunning() {
          if (future.state !== "running") return void scheduler.callLater(1, lookWhenRunning);
          const { task, future: id } = runningCalls(executor)[0] ?? {};
          seen.push([scheduler.statistics().runningCount, task, id === future.id]);
          future.cancel();
        });
      });
      await scheduler.run();
      const isReported = executor.workers !== undefined;
      assertEquals(seen, [[1, isReported ? "endless" : undefined, isReported]]);
      assertEquals([runningCalls(executor), scheduler.statistics().runningCount], [[], 0]);
      const done = (executor.workers?.() ?? []).reduce((sum, { callsDone }) => sum + callsDone, 0);
      assertEquals(done, isReported ? 1 : 0);
    },
  },
  {
    name: "names the worker of a call as in its records, if it names one",
    async check(make) {
      const executor = make(2);
      const scheduler = new Scheduler(executor);
      const endless = scheduler.task(() => new Promise(() => {}));
      const names: unknown[] = [];
      const expected: unknown[] = [];
      scheduler.onStart(() => {
        const future = endless.submit();
        names.push(future.worker);
        scheduler.callLater(0, function lookWhenRunning() {
          if (future.state !== "running") return void scheduler.callLater(1, lookWhenRunning);
          const record = executor.workers?.().find(({ call }) => call?.future === future.id);
          const named = future.worker === undefined ? undefined : record?.number;
          future.cancel();
          names.push(future.worker);
          expected.push(undefined, named);
        });
      });
      await scheduler.run();
      assertEquals(names, expected);
    },
  },
];

function runningCalls(executor: Executor): RunningCall[] {
  return (executor.workers?.() ?? []).flatMap(({ call }): RunningCall[] =>
    call === undefined ? [] : [call]
  );
}
