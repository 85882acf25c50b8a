/**
 * Bytes of heap per queued task: the growth of the JavaScript heap between two forced collections,
 * divided by the number of futures queued in between. Two endless tasks keep the workers busy. Each
 * queued task has its own argument list.
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
  // Cancelling all futures, one by one, must not be measured.
  Deno.exit(0);
});
await scheduler.run();

function usedHeap(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot collect garbage: run with --v8-flags=--expose-gc");
  gc();
  return Deno.memoryUsage().heapUsed;
}
