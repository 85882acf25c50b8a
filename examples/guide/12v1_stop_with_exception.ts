/** stop() is told of the error that it is called for. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

function failingComputeFunction(message: string): void {
  throw new RangeError(message);
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(failingComputeFunction, "Failed!");
});

scheduler.onFutureException(function stopTheScheduler(_future, exception) {
  console.log(`Got exception ${(exception as Error).message}`);
  scheduler.stop({ exception });
});

// Resolves to { code: "stopped", exception }. With onException: "raise" it would reject instead.
await scheduler.run({ onException: "ignore" });
console.log(scheduler);
