/** A callback alone does nothing. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

scheduler.onStart(function printHello() {
  console.log("hello");
});

// The tree shows printHello() below start, both without a count: nothing was run.
console.log(scheduler);
