/** The chain of 00_collatz.ts with && in place of ||, so that it ends at 1. @module */

import { Scheduler } from "@amltk/scheduling";

function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1;
}

const scheduler = Scheduler.withWorkers(1);
const task = scheduler.task(collatz);

const answers: number[] = [];

scheduler.onStart(function startComputing() {
  answers.push(12);
  task.submit(12);
});

// Submits nothing after 1.
task.onResult(function computeNext(_future, next) {
  answers.push(next);
  if (scheduler.running && next !== 1) task.submit(next);
});

// The run ends when nothing is left to do, long before the timeout.
await scheduler.run({ timeout: 60_000 });

console.log(`[${answers.join(", ")}]`);
console.log(scheduler);
