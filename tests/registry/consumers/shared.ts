import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A value that crosses to a worker once. */
export async function shared(): Promise<void> {
  const scheduler = Scheduler.withWorkers(1);
  const numbers = scheduler.share([1, 2, 3]);
  const at = scheduler.task((list: number[], index: number) => list[index]);
  scheduler.onStart(async () => {
    assertEquals(await Promise.all([at.submit(numbers, 0), at.submit(numbers, 2)]), [1, 3]);
  });
  await scheduler.run();
}
