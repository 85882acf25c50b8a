/** run() emits start, which calls the callback. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

scheduler.onStart(function printHello() {
  console.log("hello");
});

// Nothing was submitted, so the run ends at once.
await scheduler.run();

// Now start and printHello() have a count.
console.log(scheduler);
