/** limit is the most times that a callback is called. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(2);

function expensiveFunction(x: number): number {
  return x ** 2;
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 2);
});

// Without the limit, this would go on for ever. It is called for the first three results only.
scheduler.onFutureResult(
  function submitAgain() {
    scheduler.submit(expensiveFunction, 2);
  },
  { limit: 3 },
);

await scheduler.run();
console.log(scheduler);
