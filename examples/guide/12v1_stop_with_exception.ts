/** stop() takes the error that is the reason for stopping. @module */

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

// Resolves to { code: "stopped", exception }. With onException: "raise" it would reject.
await scheduler.run({ onException: "ignore" });
console.log(scheduler);
