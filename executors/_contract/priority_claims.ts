/** The claims about executors that honour priorities. @module */

import { assert, assertEquals } from "@std/assert";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck, MakeExecutor } from "./executor_check.ts";

/** The claims. They pass for executors that do not list the feature. */
export const PRIORITY_CLAIMS: readonly ExecutorCheck[] = [
  {
    name: "starts queued calls by priority, then by submission",
    async check(make) {
      if (!honoursPriority(make)) return;
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n);
      const results: number[] = [];
      scheduler.onStart(() => {
        // This one may start at once.
        task.submit(0);
        for (const [index, priority] of [0, -1, 2.5, 0, 2.5, -1, 1e9].entries()) {
          task.with({ priority }).submit(index + 1);
        }
      });
      task.onResult((_future, n) => results.push(n));
      await scheduler.run();
      assertEquals(results.filter((n) => n > 0), [7, 3, 5, 1, 4, 2, 6]);
    },
  },
  {
    name: "starts an urgent call before all queued ones",
    async check(make) {
      if (!honoursPriority(make)) return;
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n);
      const results: number[] = [];
      scheduler.onStart(() => {
        for (let n = 0; n < 50; n++) task.submit(n);
      });
      task.onResult((_future, n) => {
        if (results.push(n) > 1) return;
        for (let later = 100; later < 150; later++) task.submit(later);
        task.with({ priority: 1 }).submit(-1);
      });
      await scheduler.run();
      assertEquals(results.length, 101);
      // One may have started at once.
      assert(
        results.indexOf(-1) <= results.indexOf(101),
        `It was number ${results.indexOf(-1)} of 101`,
      );
    },
  },
  {
    name: "skips a queued urgent call after its cancellation",
    async check(make) {
      if (!honoursPriority(make)) return;
      const scheduler = new Scheduler(make(1));
      const task = scheduler.task((n: number) => n);
      const results: number[] = [];
      scheduler.onStart(() => {
        task.submit(0);
        const urgent = [1, 2, 3].map((n) => task.with({ priority: n }).submit(n));
        urgent[2]?.cancel();
      });
      task.onResult((_future, n) => results.push(n));
      await scheduler.run();
      assertEquals(results.filter((n) => n > 0), [2, 1]);
      assertEquals(task.eventCounts.cancelled, 1);
    },
  },
];

function honoursPriority(make: MakeExecutor): boolean {
  return make(1).features?.includes("priority") ?? false;
}
