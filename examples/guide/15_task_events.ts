/** Scheduler events cover all futures; task events cover the futures of one task. @module */

import { Scheduler } from "@amltk/scheduling";

function echo(message: string): string {
  return message;
}

const scheduler = Scheduler.withWorkers(1);
const echoTask = scheduler.task(echo);

// One submission of the task, and one of the plain function.
scheduler.onStart(function launchInitialTask() {
  echoTask.submit("hello");
  scheduler.submit(echo, "hi");
});

// Called for every result: twice.
scheduler.onFutureResult(function fromScheduler(_future, message) {
  console.log(`result_from_scheduler ${message}`);
});

// Called for results of the task: once, after the callback above. It prints the same text.
echoTask.onResult(function fromTask(_future, message) {
  console.log(`result_from_scheduler ${message}`);
});

await scheduler.run();
console.log(scheduler);
