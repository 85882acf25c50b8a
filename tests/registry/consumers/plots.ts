import { QueueMonitor, Scheduler } from "@amltk/scheduling";
import { toSVG } from "@amltk/scheduling/plots";
import { assertEquals, assertStringIncludes } from "@std/assert";

/** A picture of a run. */
export async function plots(): Promise<void> {
  const scheduler = Scheduler.withWorkers(1);
  using monitor = new QueueMonitor(scheduler);
  scheduler.onStart(async () => assertEquals(await scheduler.submit((n: number) => n + 1, 1), 2));
  await scheduler.run();
  assertStringIncludes(toSVG(monitor), "1 finished, 0 failed, 0 cancelled");
}
