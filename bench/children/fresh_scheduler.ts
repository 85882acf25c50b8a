/**
 * Tasks a second in a program that fans out once, after a call for each worker. With the argument `ready`,
 * that is once all workers are ready; otherwise the first one that is ready may run both calls while the
 * other is still starting.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";
import { delay } from "@std/async/delay";
import { check, rate, sumBelow } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { submitAll } from "../submit_all.ts";
import { printNumber } from "./print_number.ts";

const [count, when] = [Number(Deno.args[0]), Deno.args[1]];
const scheduler = Scheduler.withWorkers(WORKERS, { warmUp: true });
const task = scheduler.task((n: number) => n);
scheduler.onStart(async () => {
  while (when === "ready" && idleCount() < WORKERS) await delay(1);
  await submitAll(task, WORKERS);
  const since = performance.now();
  const sum = await submitAll(task, count);
  const perSecond = rate(count, since);
  check(sum, sumBelow(count));
  printNumber(perSecond);
});
await scheduler.run();

function idleCount(): number {
  return scheduler.statistics().workers?.filter(({ state }) => state === "idle").length ?? 0;
}
