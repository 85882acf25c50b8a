import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** A run that listens for signals of the system. */
export async function signals(): Promise<void> {
  const exit = await Scheduler.withWorkers(1).run({ handleSignals: true });
  assertEquals(exit.code, "exhausted");
}
