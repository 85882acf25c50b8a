/**
 * The scheduler of the demo, on workers or on processes.
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
}

/** Makes a scheduler. */
export function makeScheduler({ workers, processes }: Place): Scheduler {
  if (!processes) return Scheduler.withWorkers(workers);
  return Scheduler.withProcesses(workers, {
    // They load modules, and do nothing else that needs a permission.
    permissions: { read: true },
    // As for the demo itself.
    config: new URL("../../import_map.npm.json", import.meta.url),
  });
}
