/** A scheduler and its tree. @module */

import { Scheduler } from "@amltk/scheduling";

// Two Web Workers at most. They start when there is work, and end with the run.
const scheduler = Scheduler.withWorkers(2);

// Prints the executor, the queue, and the events that callbacks can subscribe to.
console.log(scheduler);
