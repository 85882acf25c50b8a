/** A Requeue takes back the items that a plugin declined. @module */

import { Limiter, Requeue, Scheduler } from "@amltk/scheduling";

function myFunc(x: number): number {
  return x;
}

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(myFunc, { plugins: new Limiter({ maxConcurrent: 2 }) });

// An iterator that takes items back.
const items = new Requeue([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const results: number[] = [];

scheduler.onStart(
  function submit() {
    const { value } = items.next();
    if (value !== undefined) task.submit(value);
  },
  { repeat: 4 },
);

// Callbacks subscribe to events of a plugin by name. This event has the task and the arguments of
// submit(). The item goes back to the front of the queue.
task.on("concurrent-limit-reached", function addBackToQueue(_task, x) {
  items.requeue(x);
});

task.onResult(function recordResult(_future, result) {
  results.push(result);
});

task.onResult(function launchAnother() {
  const { value } = items.next();
  if (value !== undefined) task.submit(value);
});

await scheduler.run();

// No item is lost. With two workers the order may vary.
console.log(`[${results.join(", ")}]`);
console.log(scheduler);
