/**
 * Milliseconds of CPU time for one redraw of `run({ display })` with futures queued. The system counts it in
 * steps of up to 10 ms, so the timers are shortened, and many redraws measured in a row. A task that never
 * ends keeps each worker busy.
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
const busy = scheduler.task((_data: object) =>
  new Promise<never>(() => setInterval(() => {}, 60_000))
);

const { setTimeout } = globalThis;
globalThis.setTimeout = ((fn: () => void) => setTimeout(fn, 0)) as typeof setTimeout;

const measured = Promise.withResolvers<string>();
let redraws = 0;
let before: number | undefined;
const stream = {
  isTerminal: () => true,
  writeSync(bytes: Uint8Array): number {
    if (before !== undefined && ++redraws === count) {
      printNumber((cpuMs() - before) / count);
      measured.resolve(new TextDecoder().decode(bytes));
    }
    return bytes.length;
  },
};

scheduler.onStart(async () => {
  // So that there are times to compute percentiles of.
  await Promise.all(Array.from({ length: 1000 }, (_, n) => task.submit(n)));
  for (let n = 0; n < WORKERS; n++) busy.submit({ depth: n });
  for (let n = 0; n < queued; n++) task.submit(n);
  while (scheduler.statistics().runningCount < WORKERS) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  before = cpuMs();
  const frame = await measured.promise;
  check(frame.split("({ depth").length - 1, WORKERS);
  // To cancel them all, one by one, is no part of it.
  Deno.exit(0);
});
await scheduler.run({ display: { stream, total: 2 * queued } });

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
