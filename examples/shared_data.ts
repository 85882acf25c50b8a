/**
 * Shares a large array with all workers in place of copying it for each call.
 *
 * Run with `--allow-read`.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

// One million numbers, 8 MB: 0, 1, 2, ...
const numbers = Float64Array.from({ length: 1_000_000 }, (_, index) => index);

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += values[index] ?? 0;
  return sum;
}

const scheduler = Scheduler.withWorkers(4);
const task = scheduler.task(sumOf);

// Copies the array once, into memory that all workers see. Treat it as read-only from here on:
// what one call wrote into it would show in all others.
const shared = scheduler.share(numbers);

scheduler.onStart(() => {
  // 100 calls, and none of them copies the 8 MB.
  for (let from = 0; from < numbers.length; from += 10_000) {
    task.submit(shared, from, from + 10_000);
  }
});

let total = 0;
task.onResult((_future, sum) => {
  total += sum;
});

await scheduler.run();

// Lets the workers of later runs do without it.
shared.release();
console.log(`${task.eventCounts.result} parts, total ${total}`);
