/** Computes a chain of numbers in a worker until the time is up. @module */

import { Scheduler } from "@amltk/scheduling";

// What is to be computed away from this thread. It crosses to the worker as its source text, so it
// may use its parameters, locals and globals, nothing else of this file.
function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1;
}

// A scheduler with one worker, and a task: the function with events of its own.
const scheduler = Scheduler.withWorkers(1);
const task = scheduler.task(collatz);

const answers: number[] = [];

// What to do when the scheduler starts. The name of a callback is what the tree shows.
scheduler.onStart(function startComputing() {
  answers.push(12);
  task.submit(12); // Calls collatz(12) in the worker.
});

// What to do when the task returns. While the scheduler is running this goes round for ever: after
// 1 come 4, 2 and 1 again. Submitting when the run has ended throws a SchedulerNotRunningError, which
// is no error of the run.
task.onResult(function computeNext(_future, next) {
  answers.push(next);
  if (scheduler.running || next !== 1) task.submit(next);
});

// Durations are milliseconds: the run takes one second.
await scheduler.run({ timeout: 1000 });

// Thousands of answers; these are the first of them.
console.log(`[${answers.slice(0, 70).join(", ")}, …]`);

// The tree: every event with how often it was emitted, below it its callbacks with their calls.
console.log(scheduler);
