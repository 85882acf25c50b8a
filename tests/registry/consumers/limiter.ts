import { Limiter, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A task that declines submissions over its limit. */
export async function limiter(): Promise<void> {
  const scheduler = Scheduler.withWorkers(1);
  const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 2 }) });
  const declined: number[] = [];
  task.on("call-limit-reached", (_task, n) => declined.push(n));
  scheduler.onStart(() => {
    for (const n of [1, 2, 3]) task.submit(n);
  });
  await scheduler.run();
  assertEquals([task.eventCounts.result, ...declined], [2, 3]);
}
