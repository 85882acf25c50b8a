/** repeat calls a callback several times for each event. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

// Prints "hello" three times when the scheduler starts.
scheduler.onStart(
  function printHello() {
    console.log("hello");
  },
  { repeat: 3 },
);

await scheduler.run();
console.log(scheduler);
