/** Stops the run when a submitted function fails. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

function failingComputeFunction(message: string): void {
  throw new RangeError(message);
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(failingComputeFunction, "Failed!");
});

// The error arrives with its class, message and stack.
scheduler.onFutureException(function stopTheScheduler(_future, exception) {
  console.log(`Got exception ${(exception as Error).message}`);
  scheduler.stop();
});

// By default, run() would reject with the error. With "ignore", only stop() ends the run.
await scheduler.run({ onException: "ignore" });
console.log(scheduler);
