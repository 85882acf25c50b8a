/** With onException: "end", a run ends when a function fails. @module */

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

// Resolves to { code: "exception", exception }. Errors of callbacks are treated alike.
await scheduler.run({ onException: "end" });
console.log(scheduler);
