/** Submits a task when the scheduler starts. @module */

import { Scheduler } from "@amltk/scheduling";

function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1;
}

const scheduler = Scheduler.withWorkers(1);
const collatzTask = scheduler.task(collatz);

scheduler.onStart(function launchInitialTask() {
  collatzTask.submit(5);
});

await scheduler.run();

// The tree also shows the task, with its own events.
console.log(scheduler);
