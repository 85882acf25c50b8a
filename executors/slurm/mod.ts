/**
 * Starts and ends workers for a scheduler with a `NatsExecutor`: {@linkcode SlurmWorkers} as jobs of Slurm,
 * and {@linkcode WorkerFleet} as jobs of any other system, for which {@linkcode JobSystem} stands.
 *
 * @example Workers on a cluster
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { SlurmWorkers } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * async function search(servers: string, queue: string): Promise<void> {
 *   const scheduler = new Scheduler(new NatsExecutor({ connect: servers, queue }));
 *   await using _workers = await SlurmWorkers.start({ scheduler, servers, queue, max: 20 });
 *   await scheduler.run();
 * }
 * assertEquals(search.length, 2);
 * ```
 *
 * @module
 */

export type { Job, JobState, JobSystem } from "./job_system.ts";
export { SlurmWorkers, type SlurmWorkersOptions } from "./slurm_workers.ts";
export {
  type FleetStatistics,
  WorkerFleet,
  type WorkerFleetOptions,
  type WorkQueue,
} from "./worker_fleet.ts";
