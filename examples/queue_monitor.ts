/**
 * Records queue, workers and calls of a run, and answers questions from the records. Given the path
 * `run.svg`, it draws them into this file.
 *
 * Run with `--allow-read --allow-write=run.svg`.
 *
 * @module
 */

import { QueueMonitor, Retry, Scheduler } from "@amltk/scheduling";
import { toSVG } from "@amltk/scheduling/plots";

const scheduler = Scheduler.withWorkers(2);
using monitor = new QueueMonitor(scheduler);

async function work(n: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  if (n === 3) throw new RangeError("no data");
  if (n === 5) Deno.exit(1); // a crash, which ends the worker
  return n;
}

const load = scheduler.task(async (n: number) => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  return n;
}, { name: "load" });
const train = scheduler.task(work, { name: "train", plugins: new Retry({ maxAttempts: 2 }) });

scheduler.onStart(() => {
  for (let n = 1; n <= 6; n++) load.submit(n);
});
load.onResult((_future, n) => train.submit(n, 300));
await scheduler.run({ onException: { tasks: "ignore" } });

const { records, calls, losses } = monitor;
const { finished, failed, cancelled } = records.at(-1) ?? {};
console.log(`${finished} finished, ${failed} failed, ${cancelled} cancelled`);

for (const outcome of ["exception", "retried", "lost"]) {
  const attempts = calls.filter((call) => call.outcome === outcome);
  console.log(`${outcome}: ${attempts.map((call) => `attempt ${call.attempt}`).join(", ")}`);
}
console.log(`workers lost: ${losses.reduce((sum, { count }) => sum + count, 0)}`);

const timeOf = (name: string) =>
  calls.reduce((sum, { task, runningTime }) => task === name ? sum + runningTime : sum, 0);
const [slower] = ["load", "train"].toSorted((a, b) => timeOf(b) - timeOf(a));
console.log(`most time went into ${slower}`);

const svg = toSVG(monitor, { title: "Six models" });
const [path] = Deno.args;
if (path !== undefined) await Deno.writeTextFile(path, svg);
