/**
 * CPU time of the main thread, as a percentage, while both workers compute for a given time. The
 * system counts it in steps of up to 10 ms.
 *
 * @module
 */

import process from "node:process";
import { check } from "../checks.ts";
import { inWarmRun } from "../warm_scheduler.ts";
import { WORKERS } from "../pool.ts";
import { printNumber } from "./print_number.ts";

const computeMs = Number(Deno.args[0]);

const percent = await inWarmRun(async (scheduler) => {
  const task = scheduler.task(compute);
  const since = performance.now();
  const before = ownCpuMs();
  const done = await Promise.all(Array.from({ length: WORKERS }, () => task.submit(computeMs)));
  const cpu = ownCpuMs() - before;
  const wall = performance.now() - since;
  check(done.reduce((a, b) => a + b, 0), WORKERS);
  return 100 * cpu / wall;
});
printNumber(percent);

function compute(ms: number): number {
  const since = performance.now();
  while (performance.now() - since < ms);
  return 1;
}

function ownCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
