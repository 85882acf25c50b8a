/** What it costs to submit and to settle beside a long queue. @module */

import { check, microsecondsEach } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";

const TARGET = { atMost: 1.3 };

/**
 * The queue is filled to its length; then each task that settles submits another, so that it stays
 * as long, and the time for one submission and one settlement is taken.
 */
export function queueGrowth(sizes: Sizes): Experiment {
  const { queueLengths, settledBesideQueue: count } = sizes;
  const [short, middle, long] = queueLengths.map((length) => `queue of ${length}`) as [
    string,
    string,
    string,
  ];
  return {
    name: "submit and settle beside a queue",
    unit: "µs",
    contenders: queueLengths.map((length) => ({
      name: `queue of ${length}`,
      measure: () => submitAndSettle(length, count),
    })),
    rows: [middle, long].map((name) => ({
      name: `submit and settle, ${name}`,
      of: name,
      over: [short],
      target: TARGET,
    })),
  };
}

function submitAndSettle(length: number, count: number): Promise<number> {
  return inWarmRun((scheduler) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const task = scheduler.task((n: number) => n);
    let settled = 0;
    let since = 0;
    const unsubscribe = task.onResult(() => {
      settled++;
      if (settled === count) since = performance.now();
      if (settled < 2 * count) return void task.submit(settled);
      const each = microsecondsEach(count, since);
      check(task.queue.size, length - 1);
      unsubscribe();
      resolve(each);
      scheduler.stop();
    });
    for (let n = 0; n < length; n++) task.submit(n);
    return promise;
  }, { wait: false });
}
