/**
 * Prints the progress of many calls while they run, and a summary at the end.
 *
 * Run with `--allow-read`.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

const CALLS = 1000;

function parse(text: string): number {
  const { value } = JSON.parse(text);
  return value;
}

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(parse);

scheduler.onStart(() => {
  for (let n = 0; n < CALLS; n++) {
    // Every hundredth text is not JSON.
    task.submit(n % 100 === 0 ? "?" : JSON.stringify({ value: n }));
  }
});

// "done" is emitted for results and for failures. The option `every` skips all but each 250th.
task.onDone(
  () => {
    const { done } = task.eventCounts;
    console.log(`${done} of ${CALLS} calls done, ${100 * done / CALLS} %`);
  },
  { every: 250 },
);

// Emitted on Ctrl-C as well, if the run has handleSignals: true.
scheduler.onFinished(() => {
  const { result, exception } = task.eventCounts;
  console.log(`${result} succeeded, ${exception} failed`);
});

await scheduler.run({ onException: [[SyntaxError, "ignore"]], handleSignals: true });
