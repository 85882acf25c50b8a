/** stop() ends a run, here without waiting for running calls. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

// Waits asynchronously. A thread that computes without a pause cannot be stopped.
async function expensiveFunction(sleepFor: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, sleepFor));
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction, 10_000);
});

scheduler.onFutureSubmitted(function stopTheScheduler() {
  scheduler.stop();
});

// By default, a stopped run waits for running calls. With wait: false it cancels them.
await scheduler.run({ wait: false });

// The tree shows one future-cancelled.
console.log(scheduler);
