/** With onException: "ignore", a run continues after a function fails. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

function failingComputeFunction(message: string): void {
  throw new RangeError(message);
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(failingComputeFunction, "Failed!");
});

scheduler.onFutureException(function printException(_future, exception) {
  console.log(`Got exception ${(exception as Error).message}`);
});

// Continues until nothing is left to do. Errors of callbacks are treated alike.
await scheduler.run({ onException: "ignore" });
console.log(scheduler);
