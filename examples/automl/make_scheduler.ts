/**
 * The scheduler of the demo: on workers, on processes, or on other machines.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

/** Where the trials run. */
export interface Place {
  /** How many workers or processes there are. */
  readonly workers: number;
  /** Whether they are processes. */
  readonly processes: boolean;
  /** The NATS server whose workers run the trials; undefined for workers of this machine. */
  readonly nats: string | undefined;
}

/** The queue whose workers run the trials. */
export const QUEUE = "demo";

/** Makes a scheduler. */
export async function makeScheduler({ workers, processes, nats }: Place): Promise<Scheduler> {
  if (nats !== undefined) {
    const { NatsExecutor } = await import("@amltk/scheduling/executors/nats");
    return new Scheduler(new NatsExecutor({ connect: nats, queue: QUEUE, maxConcurrent: workers }));
  }
  if (!processes) return Scheduler.withWorkers(workers);
  return Scheduler.withProcesses(workers, {
    // They load modules, and do nothing else that needs a permission.
    permissions: { read: true },
    // As for the demo itself.
    config: new URL("../../import_map.npm.json", import.meta.url),
  });
}
