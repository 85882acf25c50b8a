/** With onException: "raise", the default, run() rejects when a function fails. @module */

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

// Errors of callbacks are treated alike.
try {
  await scheduler.run({ onException: "raise" });
} catch (error) {
  console.error("run() rejected:", error);
}
console.log(scheduler);
