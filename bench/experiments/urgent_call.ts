/** How long an urgent call waits behind many others. @module */

import { check, sumBelow } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";

/** The time until it begins, in percent of the time that the others take. */
export function urgentCall({ fanOut: count, warmUp }: Sizes): Experiment {
  const name = `urgent call behind ${count} tasks`;
  return {
    name,
    unit: "%",
    contenders: [{ name: "scheduler", measure: () => waitOf(count, warmUp) }],
    rows: [{ name, of: "scheduler", target: { atMost: 5 } }],
  };
}

function waitOf(count: number, warmUp: number): Promise<number> {
  return inWarmRun(async (scheduler) => {
    const task = scheduler.task((n: number) => n);
    const urgent = task.with({ priority: 1 });
    await Promise.all(Array.from({ length: warmUp }, (_, n) => task.submit(n)));
    const { promise, resolve } = Promise.withResolvers<void>();
    let sum = 0;
    let unsettled = count + 1;
    task.onResult((_future, n) => {
      sum += n;
      if (--unsettled === 0) resolve();
    });
    const since = performance.now();
    for (let n = 0; n < count; n++) task.submit(n);
    const future = urgent.submit(0);
    await promise;
    check(sum, sumBelow(count));
    const waited = (future.startedAt ?? NaN) - future.submittedAt;
    return waited / (performance.now() - since) * 100;
  });
}
