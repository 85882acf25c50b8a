/** Tasks a second, all submitted at once, after a call for each worker and once all are ready. @module */

import { Scheduler } from "@amltk/scheduling";
import { delay } from "@std/async/delay";
import { check, rate, sumBelow } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { submitAll } from "../submit_all.ts";
import { printRate } from "./print_rate.ts";

await printRate(async (count) => {
  let perSecond = NaN;
  const scheduler = Scheduler.withWorkers(WORKERS, { warmUp: true });
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(async () => {
    while (idleCount(scheduler) < WORKERS) await delay(1);
    await submitAll(task, WORKERS);
    const since = performance.now();
    const sum = await submitAll(task, count);
    perSecond = rate(count, since);
    check(sum, sumBelow(count));
  });
  await scheduler.run();
  return perSecond;
});

function idleCount(scheduler: Scheduler): number {
  return scheduler.statistics().workers?.filter(({ state }) => state === "idle").length ?? 0;
}
