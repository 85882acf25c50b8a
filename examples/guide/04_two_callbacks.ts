/** Callbacks are called in the order of their registration. @module */

import { Scheduler } from "@amltk/scheduling";

const scheduler = Scheduler.withWorkers(1);

scheduler.onStart(function printHello1() {
  console.log("hello 1");
});

// A callback may also be defined on its own.
function printHello2(): void {
  console.log("hello 2");
}

scheduler.onStart(printHello2);

await scheduler.run();
console.log(scheduler);
