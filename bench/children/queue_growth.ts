/**
 * Microseconds for one submission and one settlement with a queue of a given length. Once the queue
 * is full, each task that settles submits another one, so that the length stays the same. The first
 * half of these tasks is the warm-up, the second half is measured.
 *
 * @module
 */

import { check, microsecondsEach } from "../checks.ts";
import { inWarmRun } from "../warm_scheduler.ts";
import { printNumber } from "./print_number.ts";

const [length, count] = Deno.args.map(Number) as [number, number];

await inWarmRun((scheduler) => {
  const task = scheduler.task((n: number) => n);
  let settled = 0;
  let since = 0;
  task.onResult(() => {
    settled++;
    if (settled === count) since = performance.now();
    if (settled < 2 * count) return void task.submit(settled);
    const each = microsecondsEach(count, since);
    check(task.queue.size, length - 1);
    printNumber(each);
    // Cancelling all futures, one by one, must not be measured.
    Deno.exit(0);
  });
  for (let n = 0; n < length; n++) task.submit(n);
  return Promise.withResolvers<never>().promise;
});
