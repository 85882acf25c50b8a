import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** Plain functions on the main thread. */
export async function sequential(): Promise<void> {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(async () => assertEquals(await scheduler.submit((n: number) => n + 1, 1), 2));
  assertEquals((await scheduler.run()).code, "exhausted");
}
