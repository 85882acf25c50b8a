/** Computes a chain of numbers in a worker until the time is up. @module */

import { Scheduler } from "@amltk/scheduling";

// Runs in a worker, which receives its source text. So it may use its parameters, locals and
// globals, and nothing else of this file.
function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1;
}

// A scheduler with one worker, and a task, which is a function with its own events.
const scheduler = Scheduler.withWorkers(1);
const task = scheduler.task(collatz);

const answers: number[] = [];

// Called when the run starts. The tree shows callbacks by their names.
scheduler.onStart(function startComputing() {
  answers.push(12);
  task.submit(12); // Calls collatz(12) in the worker.
});

// Called with each result. While the scheduler is running the chain never ends: 1 is followed by 4,
// 2 and 1 again. After the run has ended, submit() throws a SchedulerNotRunningError, which the run
// ignores.
task.onResult(function computeNext(_future, next) {
  answers.push(next);
  if (scheduler.running || next !== 1) task.submit(next);
});

// Durations are in milliseconds: the run ends after three seconds.
await scheduler.run({ timeout: 3000 });

// There are thousands of answers; print the first 70.
console.log(`[${answers.slice(0, 70).join(", ")}, …]`);

// The tree: every event with its count, and below it the callbacks with their counts.
console.log(scheduler);
