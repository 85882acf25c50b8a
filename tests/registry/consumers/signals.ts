import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A run that handles signals of the operating system. */
export async function signals(): Promise<void> {
  const exit = await Scheduler.withWorkers(1).run({ handleSignals: true });
  assertEquals(exit.code, "exhausted");
}
