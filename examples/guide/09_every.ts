/** every calls a callback on each n-th event only. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

// Prints "hello" at the second start, the fourth, and so on.
scheduler.onStart(
  function printHello() {
    console.log("hello");
  },
  { every: 2 },
);

// A scheduler can run again. Its counts continue.
for (let run = 1; run <= 5; run++) await scheduler.run();

console.log(scheduler);
