/** A scheduler and what it runs functions in. @module */

import { Scheduler } from "@amltk/scheduling";

// Two Web Workers. They start when there is something for them to do, and end with the run.
const scheduler = Scheduler.withWorkers(2);

// Executor and queue, and the events that there are to subscribe to.
console.log(scheduler);
