/**
 * Milliseconds of CPU time for one `scheduler.statistics()` with futures queued. The system counts it
 * in steps of up to 10 ms, so many are taken in a row. A task that never ends keeps each worker busy.
 *
 * @module
 */

import process from "node:process";
import { Scheduler } from "@amltk/scheduling";
import { check } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { printNumber } from "./print_number.ts";

const [queued, count] = Deno.args.map(Number) as [number, number];
const scheduler = Scheduler.withWorkers(WORKERS);
const task = scheduler.task((n: number) => n);
const busy = scheduler.task(() => new Promise<never>(() => setInterval(() => {}, 60_000)));

scheduler.onStart(async () => {
  // So that there are times to compute percentiles of.
  await Promise.all(Array.from({ length: 1000 }, (_, n) => task.submit(n)));
  for (let n = 0; n < WORKERS; n++) busy.submit();
  for (let n = 0; n < queued; n++) task.submit(n);
  let unsettled = 0;
  const before = cpuMs();
  for (let n = 0; n < count; n++) {
    const { pending, runningCount } = scheduler.statistics();
    unsettled += pending + runningCount;
  }
  printNumber((cpuMs() - before) / count);
  check(unsettled, count * (queued + WORKERS));
  // To cancel them all, one by one, is no part of it.
  Deno.exit(0);
});
await scheduler.run();

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
