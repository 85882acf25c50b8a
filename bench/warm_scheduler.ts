/** A scheduler whose workers are all ready before the measurement starts. @module */

import { type RunOptions, Scheduler, type WebWorkerExecutorOptions } from "@amltk/scheduling";
import { WORKERS } from "./pool.ts";

/** Calls `measure` in a run after every worker has run a task; returns its result. */
export function inWarmRun<T>(
  measure: (scheduler: Scheduler) => Promise<T>,
  options?: RunOptions,
  workers?: WebWorkerExecutorOptions,
): Promise<T> {
  return inRun(Scheduler.withWorkers(WORKERS, workers), measure, options);
}

/** The same with processes. */
export function inWarmProcesses<T>(measure: (scheduler: Scheduler) => Promise<T>): Promise<T> {
  return inRun(Scheduler.withProcesses(WORKERS, { permissions: "none" }), measure);
}

async function inRun<T>(
  scheduler: Scheduler,
  measure: (scheduler: Scheduler) => Promise<T>,
  options?: RunOptions,
): Promise<T> {
  const results: T[] = [];
  scheduler.onStart(async () => {
    await startAll(scheduler);
    results.push(await measure(scheduler));
  });
  await scheduler.run(options);
  const [result] = results;
  if (result === undefined) throw new Error("The run ended before the measurement did");
  return result;
}

async function startAll(scheduler: Scheduler): Promise<void> {
  const seen = new Set<string>();
  while (seen.size < WORKERS) {
    const ids = Array.from({ length: WORKERS }, () => scheduler.submit(identify));
    for (const id of await Promise.all(ids)) seen.add(id);
  }
}

/** Identifies the worker. Slow enough that no worker is sent a second call in the same batch. */
function identify(): string {
  const scope = globalThis as { benchId?: string };
  for (const since = performance.now(); performance.now() - since < 2;);
  return scope.benchId ??= crypto.randomUUID();
}
