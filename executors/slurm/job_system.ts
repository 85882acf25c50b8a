/**
 * What a fleet of workers needs from the system that runs its jobs.
 *
 * @module
 */

/**
 * What a job does: it waits for a machine, it runs, or it is about to end. A job that is ending takes no more
 * calls, so that another one may replace it.
 *
 * @example The states of a job system, by those of Kubernetes
 * ```ts
 * import type { JobState } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const states: Readonly<Record<string, JobState>> = { Pending: "queued", Running: "running" };
 * assertEquals(states["Pending"], "queued");
 * ```
 *
 * @category Executors
 */
export type JobState = "queued" | "running" | "ending";

/**
 * A job that has not ended.
 *
 * @example How many run
 * ```ts
 * import type { Job } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs: Job[] = [{ id: "7_0", state: "running" }, { id: "7_1", state: "queued" }];
 * assertEquals(jobs.filter(({ state }) => state === "running").length, 1);
 * ```
 *
 * @category Executors
 */
export interface Job {
  /** Its name in the job system. */
  readonly id: string;
  /** What it does. */
  readonly state: JobState;
}

/**
 * A system that runs jobs, each of which runs the program `nats-worker`: Slurm, PBS, Kubernetes. An object
 * stands for the jobs of one {@linkcode WorkerFleet}, which it must be able to tell from all others by
 * itself, such as by a name that they share.
 *
 * Each method rejects if the system does not answer or refuses. The fleet then keeps what it knew and tries
 * again later. It never has two calls under way, except for a last `cancelAll()` when the program exits.
 *
 * @example Jobs that only exist in memory
 * ```ts
 * import type { Job, JobSystem } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * class PretendedJobs implements JobSystem {
 *   readonly #jobs = new Map<string, Job>();
 *   #last = 0;
 *
 *   submit(count: number): Promise<string[]> {
 *     const ids = Array.from({ length: count }, () => `job ${++this.#last}`);
 *     for (const id of ids) this.#jobs.set(id, { id, state: "running" });
 *     return Promise.resolve(ids);
 *   }
 *   list(): Promise<Job[]> {
 *     return Promise.resolve([...this.#jobs.values()]);
 *   }
 *   drain(ids: readonly string[]): Promise<void> {
 *     for (const id of ids) this.#jobs.delete(id);
 *     return Promise.resolve();
 *   }
 *   cancelAll(): Promise<void> {
 *     this.#jobs.clear();
 *     return Promise.resolve();
 *   }
 * }
 *
 * const jobs = new PretendedJobs();
 * await jobs.submit(2);
 * assertEquals((await jobs.list()).length, 2);
 * ```
 *
 * @category Executors
 */
export interface JobSystem {
  /**
   * Submits jobs.
   *
   * @param count How many; the system may submit fewer at a time.
   * @returns a promise of their ids.
   */
  submit(count: number): Promise<readonly string[]>;
  /**
   * Lists the jobs that have not ended, those included whose `submit()` was not answered.
   *
   * @returns a promise of them.
   */
  list(): Promise<readonly Job[]>;
  /**
   * Makes jobs end without a loss: those that wait never start, those that run get SIGTERM, on which the
   * worker takes no more calls and ends when those that run have ended.
   *
   * @param ids Their ids. Some may have ended. After a failure, the fleet may name the same ones again.
   * @returns a promise that resolves when the system has accepted that.
   */
  drain(ids: readonly string[]): Promise<void>;
  /**
   * Ends all jobs, with the calls that they run. When the program exits, only what happens before the first
   * `await` takes place, such as the start of a command.
   *
   * @returns a promise that resolves when the system has accepted that.
   */
  cancelAll(): Promise<void>;
}
