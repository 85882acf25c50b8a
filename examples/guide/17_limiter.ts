/** The Limiter plugin declines submissions over a limit. @module */

import { Limiter, Scheduler } from "@amltk/scheduling";

function myFunc(x: number): number {
  return x;
}

const scheduler = Scheduler.withWorkers(2);

// At most two calls at a time.
const task = scheduler.task(myFunc, { plugins: new Limiter({ maxConcurrent: 2 }) });

// The items to compute.
const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].values();
const results: number[] = [];

// Called four times in a row. The first two submissions are accepted. For the other two, submit()
// returns undefined, so the items 2 and 3 are lost.
scheduler.onStart(
  function submit() {
    const { value } = items.next();
    if (value !== undefined) task.submit(value);
  },
  { repeat: 4 },
);

task.onResult(function recordResult(_future, result) {
  results.push(result);
});

// A settled future no longer counts, so there is room for the next item.
task.onResult(function launchAnother() {
  const { value } = items.next();
  if (value !== undefined) task.submit(value);
});

await scheduler.run();

// With two workers the order may vary.
console.log(`[${results.join(", ")}]`);

// The tree shows the plugin and the three events that it adds to the task.
console.log(scheduler);
