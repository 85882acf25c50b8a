/** timeout ends a run that would go on for ever. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

async function expensiveFunction(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return 42;
}

scheduler.onStart(function submitCalculations() {
  scheduler.submit(expensiveFunction);
});

// An endless loop.
scheduler.onFutureDone(function submitAgain() {
  if (scheduler.running) scheduler.submit(expensiveFunction);
});

// Ends after three seconds and waits for the last call, whose events come before finished.
await scheduler.run({ timeout: 3000 });
console.log(scheduler);
