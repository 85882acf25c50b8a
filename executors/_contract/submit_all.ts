/** Submits functions to an executor. @module */

import type { Executor } from "../../scheduling/executor.ts";
import type { Future } from "../../scheduling/future.ts";
import { Scheduler } from "../../scheduling/scheduler.ts";

/** Submits all calls in one run; returns the result of each, or its error. */
export async function submitAll(
  executor: Executor,
  // deno-lint-ignore no-explicit-any -- functions of any type with their arguments
  submissions: readonly [(...args: any[]) => unknown, ...unknown[]][],
): Promise<unknown[]> {
  const scheduler = new Scheduler(executor);
  let futures: Future<unknown>[] = [];
  scheduler.onStart(() => {
    futures = submissions.map(([fn, ...args]) => scheduler.submit(fn, ...args));
  });
  await scheduler.run({ onException: "ignore" });
  return futures.map((future) => future.exception ?? future.result);
}
