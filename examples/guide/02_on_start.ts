/** A callback is not called before the scheduler runs. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

scheduler.onStart(function printHello() {
  console.log("hello");
});

// The tree shows printHello() below start, both without a count, because nothing ran.
console.log(scheduler);
