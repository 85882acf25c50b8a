/** The events of the scheduler are for all futures, those of a task for its own. @module */

import { Scheduler } from "@amltk/scheduling";

function echo(message: string): string {
  return message;
}

const scheduler = Scheduler.withWorkers(1);
const echoTask = scheduler.task(echo);

// Once through the task, once past it.
scheduler.onStart(function launchInitialTask() {
  echoTask.submit("hello");
  scheduler.submit(echo, "hi");
});

// For every result: called twice.
scheduler.onFutureResult(function fromScheduler(_future, message) {
  console.log(`result_from_scheduler ${message}`);
});

// For results of the task: called once, after the callback above, whose text it prints.
echoTask.onResult(function fromTask(_future, message) {
  console.log(`result_from_scheduler ${message}`);
});

await scheduler.run();
console.log(scheduler);
