/** every calls a callback at each n-th event. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

// Prints "hello" at the second start, the fourth, and so on.
scheduler.onStart(
  function printHello() {
    console.log("hello");
  },
  { every: 2 },
);

// A scheduler may be run again. Its counts go on.
for (let run = 1; run <= 5; run++) await scheduler.run();

console.log(scheduler);
