/** Tasks a second in a program that fans out once: its workers have run two calls since their start. @module */

import { Scheduler } from "@amltk/scheduling";
import { check, rate, sumBelow } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { submitAll } from "../submit_all.ts";
import { printNumber } from "./print_number.ts";

const count = Number(Deno.args[0]);
const scheduler = Scheduler.withWorkers(WORKERS);
const task = scheduler.task((n: number) => n);
scheduler.onStart(async () => {
  await submitAll(task, WORKERS);
  const since = performance.now();
  const sum = await submitAll(task, count);
  const perSecond = rate(count, since);
  check(sum, sumBelow(count));
  printNumber(perSecond);
});
await scheduler.run();
