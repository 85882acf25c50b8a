/**
 * Ends calls that use too much memory, or that compute for ever.
 *
 * Run with `--allow-read --allow-run --allow-env` on Linux or macOS.
 *
 * @module
 */

import { LimitError, ResourceLimits, Scheduler } from "@amltk/scheduling";

// Allocates blocks of 16 MiB each.
function fill(blocks: number): number {
  const filled = Array.from({ length: blocks }, () => new Uint8Array(16 * 2 ** 20).fill(1));
  return filled.length;
}

function spin(): void {
  for (;;);
}

// Workers share the memory of this program, and a thread that never pauses cannot be stopped.
// Processes have their own memory and can be killed.
const scheduler = Scheduler.withProcesses(2);
const fillTask = scheduler.task(fill, { plugins: new ResourceLimits({ memory: "256 MiB" }) });
const spinTask = scheduler.task(spin, { plugins: new ResourceLimits({ cpuTime: 500 }) });

scheduler.onStart(() => {
  fillTask.submit(2);
  fillTask.submit(1000);
  spinTask.submit();
});

const lines: string[] = [];
fillTask.onResult((_future, blocks) => lines.push(`fill: ${blocks} blocks`));
fillTask.onException((_future, error) => lines.push(`fill: ${(error as Error).name}`));
spinTask.onException((_future, error) => lines.push(`spin: ${(error as Error).name}`));

// LimitError is the base class of the errors of all limits.
await scheduler.run({ onException: [[LimitError, "ignore"]] });
console.log(lines.toSorted().join("\n"));
