import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A task that reaches its time limit. */
export async function limits(): Promise<void> {
  const scheduler = Scheduler.withWorkers(1);
  const stuck = scheduler.task(() => new Promise<never>(() => {}), {
    plugins: new ResourceLimits({ wallTime: 50 }),
  });
  scheduler.onStart(() => {
    stuck.submit();
  });
  await scheduler.run({ onException: [[WallTimeLimitError, "ignore"]] });
  assertEquals(stuck.eventCounts["wall-time-limit-reached"], 1);
}
