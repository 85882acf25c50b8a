import { fromModule, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

const work = fromModule<typeof import("./work.ts")>(import.meta.resolve("./work.ts"));

/** Functions of a module of the consumer in Web Workers. */
export function moduleInWorkers(): Promise<void> {
  return add(Scheduler.withWorkers(1));
}

/** The same in child processes, which resolve imports with the consumer's deno.json. */
export function moduleInProcesses(): Promise<void> {
  return add(Scheduler.withProcesses(1, { permissions: { read: [import.meta.dirname ?? ""] } }));
}

async function add(scheduler: Scheduler): Promise<void> {
  scheduler.onStart(async () => assertEquals(await scheduler.submit(work.add, 1, 2), 3));
  await scheduler.run();
}
