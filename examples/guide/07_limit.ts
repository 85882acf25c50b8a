/** limit bounds how often a callback is called. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(2);

function expensiveFunction(x: number): number {
  return x ** 2;
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 2);
});

// Would go on for ever, but is called for the first three results only.
scheduler.onFutureResult(
  function submitAgain() {
    scheduler.submit(expensiveFunction, 2);
  },
  { limit: 3 },
);

await scheduler.run();
console.log(scheduler);
