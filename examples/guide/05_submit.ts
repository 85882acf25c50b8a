/** Submits a function, and again when a result arrives. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(2);

function expensiveFunction(x: number): number {
  return 2 ** x;
}

// Submitting is possible only while the scheduler is running, which it is from here on.
scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 2);
});

// Called with the future and its result when a function has returned, whichever it was: the type of
// the result is unknown here. (A task knows the type of its results: 15_task_events.ts.)
scheduler.onFutureResult(function printResult(_future, result) {
  console.log(result);
  if (typeof result === "number" && result < 10) scheduler.submit(expensiveFunction, result);
});

await scheduler.run();
console.log(scheduler);
