/**
 * Computes a list of items in workers and collects the results in the order of the items.
 *
 * Run with `--allow-read`.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

// The worker receives the source text of this function, so everything it uses is inside it.
function countPrimes(below: number): number {
  let count = 0;
  for (let candidate = 2; candidate < below; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) count++;
  }
  return count;
}

const limits = [100_000, 10, 10_000, 100, 1000];

// Without a number, there are as many workers as the machine has cores.
const scheduler = Scheduler.withWorkers();
const task = scheduler.task(countPrimes);

// A task accepts calls only during a run, so the first ones are submitted when it starts.
scheduler.onStart(async () => {
  // The workers finish in any order; Promise.all() keeps the order of the list.
  const counts = await Promise.all(limits.map((limit) => task.submit(limit)));
  for (const [index, limit] of limits.entries()) {
    console.log(`${counts[index]} primes below ${limit}`);
  }
});

// The run ends when no call is left and the callback above has returned.
await scheduler.run();
