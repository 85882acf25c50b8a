/**
 * Bytes of heap for each queued task: the JavaScript heap after a forced collection, with the
 * futures queued, less the same before, divided by their number. Two tasks that never end keep the
 * workers busy; each queued task has an argument list of its own.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";
import { check } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { printNumber } from "./print_number.ts";

const count = Number(Deno.args[0]);
const scheduler = Scheduler.withWorkers(WORKERS);
const task = scheduler.task((n: number) => n);
const busy = scheduler.task(() => new Promise<never>(() => setInterval(() => {}, 60_000)));

scheduler.onStart(() => {
  for (let n = 0; n < WORKERS; n++) busy.submit();
  const before = usedHeap();
  for (let n = 0; n < count; n++) task.submit(n);
  const bytes = usedHeap() - before;
  check(task.queue.size, count);
  printNumber(bytes / count);
  // To cancel them all, one by one, is no part of it.
  Deno.exit(0);
});
await scheduler.run();

function usedHeap(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");
  gc();
  return Deno.memoryUsage().heapUsed;
}
