/** Puts back what a plugin declined, told by an event that the plugin adds. @module */

import { Limiter, Requeue, Scheduler } from "@amltk/scheduling";

function myFunc(x: number): number {
  return x;
}

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(myFunc, { plugins: new Limiter({ maxConcurrent: 2 }) });

// An iterator that takes back what could not be used.
const items = new Requeue([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const results: number[] = [];

scheduler.onStart(
  function submit() {
    const { value } = items.next();
    if (value !== undefined) task.submit(value);
  },
  { repeat: 4 },
);

// The events of a plugin are subscribed to by name; its arguments are the task and what submit()
// was called with. The item goes back to the front of the queue.
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

// None is lost. With two workers the order may vary.
console.log(`[${results.join(", ")}]`);
console.log(scheduler);
