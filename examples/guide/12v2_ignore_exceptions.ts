/** With onException: "ignore" a run goes on when a function has failed. @module */

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

// Goes on until nothing is left to do. The same holds for errors of callbacks.
await scheduler.run({ onException: "ignore" });
console.log(scheduler);
