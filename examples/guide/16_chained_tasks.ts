/** The result of one task is the argument of another. @module */

import { Scheduler } from "@amltk/scheduling";

function expensiveThing1(x: number): number {
  return x * 2;
}

// Two tasks may share a function. Each still has its own events.
const scheduler = Scheduler.withWorkers(1);
const task1 = scheduler.task(expensiveThing1);
const task2 = scheduler.task(expensiveThing1);

// The items to compute.
const items = [1, 2, 3].values();

scheduler.onStart(function submitInitial() {
  const { value } = items.next();
  if (value !== undefined) task1.submit(value);
});

// When task1 returns, its result goes to task2 …
task1.onResult(function submitTask2WithResultsOfTask1(_future, result) {
  task2.submit(result);
});

// … and task1 gets the next item.
task1.onResult(function submitTask1WithNextItem() {
  const { value } = items.next();
  if (value !== undefined) task1.submit(value);
  else console.log("Done!");
});

// Tasks may share a callback.
function handleTaskException(_future: unknown, exception: unknown): void {
  console.log(`A task errored! ${exception}`);
}

task1.onException(handleTaskException);
task2.onException(handleTaskException);

await scheduler.run();
console.log(scheduler);
