/** stop() ends a run, here without waiting for what runs. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

// An asynchronous wait. A worker that computes without a pause could not be stopped.
async function expensiveFunction(sleepFor: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, sleepFor));
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 10_000);
});

scheduler.onFutureSubmitted(function stopTheScheduler() {
  scheduler.stop();
});

// By default a run that is stopped waits for what is running; with wait: false it is cancelled.
await scheduler.run({ wait: false });

// The count of future-cancelled tells of it.
console.log(scheduler);
