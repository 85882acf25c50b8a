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
  return processes ? Scheduler.withProcesses(workers) : Scheduler.withWorkers(workers);
}
