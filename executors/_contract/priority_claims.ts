/** The claims about executors that honour priorities. @module */

import { assert, assertEquals } from "@std/assert";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck } from "./executor_check.ts";

const numbers = (scheduler: Scheduler) => scheduler.task((n: number) => n);
type Numbers = ReturnType<typeof numbers>;

/** The claims. They pass for executors that do not list the feature. */
export const PRIORITY_CLAIMS: readonly ExecutorCheck[] = [
  claim("starts queued calls by priority, then by submission", (task) => {
    // This one may start at once.
    task.submit(0);
    for (const [index, priority] of [0, -1, 2.5, 0, 2.5, -1, 1e9].entries()) {
      task.with({ priority }).submit(index + 1);
    }
  }, (results) => {
    assertEquals(results.filter((n) => n > 0), [7, 3, 5, 1, 4, 2, 6]);
  }),
  claim("starts an urgent call before all queued ones", (task) => {
    for (let n = 0; n < 50; n++) task.submit(n);
    task.onResult(() => {
      for (let later = 100; later < 150; later++) task.submit(later);
      task.with({ priority: 1 }).submit(-1);
    }, { limit: 1 });
  }, (results) => {
    assertEquals(results.length, 101);
    const place = results.indexOf(-1);
    // One may have started at once.
    assert(place <= results.indexOf(101), `It was number ${place} of 101`);
  }),
  claim("skips a queued urgent call after its cancellation", (task) => {
    task.submit(0);
    const urgent = [1, 2, 3].map((n) => task.with({ priority: n }).submit(n));
    urgent[2]?.cancel();
  }, (results, task) => {
    assertEquals(results.filter((n) => n > 0), [2, 1]);
    assertEquals(task.eventCounts.cancelled, 1);
  }),
];

/** A claim about the order of the results of a task on one worker. */
function claim(
  name: string,
  submit: (task: Numbers) => void,
  verify: (results: readonly number[], task: Numbers) => void,
): ExecutorCheck {
  return {
    name,
    async check(make) {
      const executor = make(1);
      if (!executor.features?.includes("priority")) return;
      const scheduler = new Scheduler(executor);
      const task = numbers(scheduler);
      const results: number[] = [];
      scheduler.onStart(() => submit(task));
      task.onResult((_future, n) => results.push(n));
      await scheduler.run();
      verify(results, task);
    },
  };
}
