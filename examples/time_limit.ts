/**
 * Ends calls that take too long.
 *
 * Run with `--allow-read`.
 *
 * @module
 */

import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";

// Stands for any function that sometimes hangs.
async function answer(question: string): Promise<string> {
  if (question === "Why?") await new Promise(() => setInterval(() => {}, 1000));
  return `an answer to "${question}"`;
}

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(answer, {
  // Milliseconds for each call. The time that a call waits in the queue does not count.
  plugins: new ResourceLimits({ wallTime: 2000 }),
});

scheduler.onStart(() => {
  for (const question of ["What?", "Why?", "When?"]) task.submit(question);
});

const lines: string[] = [];
task.onResult((_future, text) => lines.push(text));

// A call that reaches its limit fails like any other, and the plugin adds this event.
task.on("wall-time-limit-reached", (future, { limit }) => {
  lines.push(`no answer to "${future.args[0]}" within ${limit} ms`);
});

// The worker of the call is replaced, so the other calls go on.
await scheduler.run({ onException: [[WallTimeLimitError, "ignore"]] });
console.log(lines.toSorted().join("\n"));
