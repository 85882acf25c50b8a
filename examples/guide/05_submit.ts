/** Submits a function, and submits it again when a result arrives. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(2);

function expensiveFunction(x: number): number {
  return 2 ** x;
}

// The scheduler is running from this event on. Before that, submit() throws.
scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 2);
});

// Called with the result of any function, so its type is unknown here. A task knows the type of its
// results: see 15_task_events.ts.
scheduler.onFutureResult(function printResult(_future, result) {
  console.log(result);
  if (typeof result === "number" && result < 10) scheduler.submit(expensiveFunction, result);
});

await scheduler.run();
console.log(scheduler);
