/** A task rejects submissions before the scheduler runs. @module */

import { Scheduler } from "@amltk/scheduling";

function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1;
}

const scheduler = Scheduler.withWorkers(1);
const collatzTask = scheduler.task(collatz);

// There are no workers yet, because workers belong to a run.
try {
  collatzTask.submit(5);
} catch (error) {
  console.log(String(error));
}
console.log(scheduler);
