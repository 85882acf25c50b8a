import { Journal, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A task whose results are kept in a file of this folder. */
export async function journal(): Promise<void> {
  using journal = new Journal({ path: "results.db" });
  const scheduler = Scheduler.withSequential();
  const double = scheduler.task((n: number) => n * 2, { plugins: journal });
  scheduler.onStart(async () => {
    assertEquals([await double.submit(21), await double.submit(21)], [42, 42]);
  });
  await scheduler.run();
  assertEquals([...journal.entries()].map(({ result }) => result), [42]);
}
