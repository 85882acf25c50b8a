/** Submits many trivial tasks at once. @module */

import type { Task } from "@amltk/scheduling";

/** A task that returns its argument. */
export type Numbers = Task<[n: number], number, object, never>;

/** Resolves to the sum of all results after the callback of the last one. */
export function submitAll(task: Numbers, count: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let sum = 0;
  let unsettled = count;
  const unsubscribe = task.onResult((_future, n) => {
    sum += n;
    if (--unsettled > 0) return;
    unsubscribe();
    resolve(sum);
  });
  for (let n = 0; n < count; n++) task.submit(n);
  return promise;
}
