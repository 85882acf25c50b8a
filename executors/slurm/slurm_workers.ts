/**
 * Workers on the nodes of a cluster, as jobs of Slurm.
 *
 * @module
 */

import {
  checkCount,
  checkDuration,
  isPlainObject,
  ownOptions,
  show,
} from "../../scheduling/_base/check.ts";
import { checkAddresses } from "../nats/_wire/addresses.ts";
import { checkQueue } from "../nats/_wire/names.ts";
import { abandonedNames, forgetName, Owner } from "./_owner.ts";
import { cancelByName, SlurmJobs } from "./_slurm_jobs.ts";
import { batchScript, workerCommand } from "./_worker_command.ts";
import {
  checkQueueOptions,
  type FleetStatistics,
  WorkerFleet,
  type WorkQueue,
} from "./worker_fleet.ts";

const OPTIONS = [
  "scheduler",
  "servers",
  "queue",
  "min",
  "max",
  "workersPerJob",
  "walltime",
  "drainBefore",
  "sbatch",
  "worker",
  "command",
  "folder",
  "interval",
  "shrinkAfter",
  "log",
];
// Options of sbatch on which finding and ending the jobs depends, with what to use in their place.
const RESERVED: Readonly<Record<string, string>> = {
  "array": "min and max decide on the number of jobs",
  "clusters": "set the environment variable SLURM_CLUSTERS, which squeue and scancel read as well",
  "job-name": "jobs are found by the name that they get",
  "parsable": "it is set already",
  "signal": "use drainBefore",
  "test-only": "nothing would be submitted",
  "time": "use walltime",
  "uid": "jobs of another user would not be found",
  "wait": "it would wait for the end of the jobs",
  "wrap": "use command",
};
const LOGIN_REMEDY =
  'say who logs in by worker, such as worker: ["--user", "me", "--password-file", "FILE"]';
const LONGEST_DRAIN_MS = 65_535_000;

/**
 * The options of {@linkcode SlurmWorkers}.
 *
 * @example Up to twenty jobs with a GPU each
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import type { SlurmWorkersOptions } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const servers = "nats://login1:4222";
 * const queue = "train";
 * const options: SlurmWorkersOptions = {
 *   scheduler: new Scheduler(new NatsExecutor({ connect: servers, queue })),
 *   servers,
 *   queue,
 *   max: 20,
 *   walltime: 4 * 3_600_000,
 *   sbatch: { partition: "gpu", gres: "gpu:1", mem: "16G" },
 *   worker: ["--processes", "--creds", "/home/me/worker.creds"],
 * };
 * assertEquals(options.max, 20);
 * ```
 *
 * @category Executors
 */
export interface SlurmWorkersOptions {
  /** The scheduler, with a `NatsExecutor`, whose calls the jobs run. */
  scheduler: WorkQueue;
  /** The addresses of the NATS servers, with commas between, as the nodes of the cluster reach them. */
  servers: string;
  /** The queue of the `NatsExecutor`. */
  queue: string;
  /** The least number of jobs. @default {0} */
  min?: number | undefined;
  /** The greatest number of jobs, those that are ending not included. */
  max: number;
  /** How many calls a job runs at a time, and its `--cpus-per-task`. @default {1} */
  workersPerJob?: number | undefined;
  /** How long a job may run, in milliseconds, in whole minutes. @default {what the partition says} */
  walltime?: number | undefined;
  /** How many milliseconds before its walltime a job takes no more calls, in whole seconds. @default {60_000} */
  drainBefore?: number | undefined;
  /**
   * Further options of `sbatch` by their long names without `--`; `true` stands for an option without a
   * value. They come last, so that they replace those that are set here.
   *
   * @default {none}
   */
  sbatch?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Further arguments of the program `nats-worker`. @default {none} */
  worker?: readonly string[] | undefined;
  /**
   * What a job runs before these arguments, on the node of the cluster: Deno with its flags, and the module.
   *
   * @default {this Deno, with all permissions, and nats-worker of this version of the package}
   */
  command?: readonly string[] | undefined;
  /**
   * A folder for what the jobs print and for the lock by which the next start knows whether this program is
   * alive. The nodes of the cluster must be able to write there.
   *
   * @default {"slurm-workers"}
   */
  folder?: string | undefined;
  /** After how many milliseconds it looks at the queue and at the jobs again. @default {5_000} */
  interval?: number | undefined;
  /** For how many milliseconds there must be too many jobs before some are ended. @default {60_000} */
  shrinkAfter?: number | undefined;
  /** Takes one line for each problem. @default {prints to stderr} */
  log?: ((line: string) => void) | undefined;
}

/**
 * Jobs of Slurm that run the program `nats-worker`, for a scheduler with a `NatsExecutor`. Their number
 * follows the queue of the scheduler as {@linkcode WorkerFleet} describes it.
 *
 * A job takes no more calls from `drainBefore` before its walltime on; from then on it is replaced. If a call
 * takes longer than that, the walltime ends it, and it fails with `WorkerLostError`.
 *
 * All jobs are cancelled by {@linkcode SlurmWorkers.close}, at the end of an `await using` block, and when the
 * program exits by a signal or by `Deno.exit()`. Jobs of a program that was killed are cancelled by the next
 * start with the same queue and folder on the same machine. Other programs with the same queue keep theirs.
 *
 * It needs the commands `sbatch`, `squeue` and `scancel`, and the permissions to run them, to read and write
 * `folder`, and `--allow-sys=hostname`; for the default of `command`, to read the path of Deno.
 *
 * @example Start workers for a search
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { SlurmWorkers } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * async function search(servers: string, queue: string): Promise<void> {
 *   const scheduler = new Scheduler(new NatsExecutor({ connect: servers, queue }));
 *   await using workers = await SlurmWorkers.start({ scheduler, servers, queue, min: 1, max: 20 });
 *   const task = scheduler.task((depth: number) => depth * 2);
 *   scheduler.onStart(() => {
 *     task.submit(21);
 *   });
 *   await scheduler.run();
 *   console.log(workers.statistics());
 * }
 * assertEquals(search.length, 2);
 * ```
 *
 * @category Executors
 */
export class SlurmWorkers implements AsyncDisposable {
  readonly #fleet: WorkerFleet;
  readonly #owner: Owner;
  #closing: Promise<boolean> | undefined;

  /**
   * Cancels what a killed program has left, submits the first jobs, and goes on to adapt their number.
   *
   * @param options The options.
   * @returns a promise of the workers; it rejects if Slurm refuses or does not answer. Then no job is left,
   * unless Slurm does not answer `scancel` either: the next start cancels such jobs.
   * @throws {TypeError} when an option is wrong or missing, or unknown.
   * @throws {RangeError} when a number is out of range.
   * @throws {Error} when a command of Slurm is missing or fails, with what it says.
   *
   * @example An option of sbatch that cannot be passed on
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { SlurmWorkers } from "@amltk/scheduling/executors/slurm";
   * import { assertRejects } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * const base = { scheduler, servers: "nats://login1:4222", queue: "train", max: 2 };
   * await assertRejects(() => SlurmWorkers.start({ ...base, sbatch: { time: 60 } }), TypeError, "walltime");
   * ```
   */
  static async start(options: SlurmWorkersOptions): Promise<SlurmWorkers> {
    const own = ownOptions("SlurmWorkers", options, OPTIONS);
    checkSlurmOptions(own);
    const { folder = "slurm-workers", queue } = own;
    const owner = Owner.take(folder, queue);
    const system = slurmJobs(own, owner.name);
    try {
      await system.check();
      await cancelAbandoned(folder, queue);
      return new SlurmWorkers(await startFleet(own, system), owner);
    } catch (error) {
      owner.release(system.mayHaveJobs);
      throw error;
    }
  }

  /**
   * For {@linkcode SlurmWorkers.start}.
   *
   * @param fleet The jobs.
   * @param owner Their name.
   */
  private constructor(fleet: WorkerFleet, owner: Owner) {
    this.#fleet = fleet;
    this.#owner = owner;
  }

  /** The name of all its jobs, for `squeue --name`. */
  get jobName(): string {
    return this.#owner.name;
  }

  /**
   * Says how many jobs there are.
   *
   * @returns their numbers, as they were last listed.
   *
   * @example A line for a display
   * ```ts
   * import type { SlurmWorkers } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * function line(workers: SlurmWorkers): string {
   *   const { running, queued, problem = "" } = workers.statistics();
   *   return `${running} jobs run, ${queued} wait ${problem}`;
   * }
   * assertEquals(line.length, 1);
   * ```
   */
  statistics(): FleetStatistics {
    return this.#fleet.statistics();
  }

  /**
   * Cancels all jobs, with the calls that they run. If Slurm does not answer, it tries for a minute; the next
   * start then cancels what is left.
   *
   * @returns a promise of whether all jobs were cancelled; if not, the reason was logged.
   *
   * @example End early
   * ```ts
   * import type { SlurmWorkers } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * async function end(workers: SlurmWorkers): Promise<void> {
   *   if (!await workers.close()) console.error(`See squeue --name=${workers.jobName}`);
   * }
   * assertEquals(end.length, 1);
   * ```
   */
  close(): Promise<boolean> {
    return this.#closing ??= this.#close();
  }

  /**
   * Does what {@linkcode SlurmWorkers.close} does.
   *
   * @returns a promise that resolves when it is done.
   *
   * @example At the end of a block
   * ```ts
   * import { SlurmWorkers, type SlurmWorkersOptions } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * async function withWorkers(options: SlurmWorkersOptions, search: () => Promise<void>): Promise<void> {
   *   await using _workers = await SlurmWorkers.start(options);
   *   await search();
   * }
   * assertEquals(withWorkers.length, 2);
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<boolean> {
    const isEmpty = await this.#fleet.close();
    this.#owner.release(!isEmpty);
    return isEmpty;
  }
}

function startFleet(options: SlurmWorkersOptions, system: SlurmJobs): Promise<WorkerFleet> {
  const { scheduler, min, max, workersPerJob, interval, shrinkAfter, log } = options;
  return WorkerFleet.start({
    system,
    scheduler,
    min,
    max,
    callsPerJob: workersPerJob,
    interval,
    shrinkAfter,
    log,
  });
}

function slurmJobs(options: SlurmWorkersOptions, name: string): SlurmJobs {
  const { servers, queue, workersPerJob = 1, walltime, drainBefore = 60_000 } = options;
  const { sbatch = {}, worker = [], command = workerCommand(), folder = "slurm-workers" } = options;
  const program = ["--servers", servers, "--queue", queue, "--workers", String(workersPerJob)];
  const drainSeconds = Math.ceil(drainBefore / 1_000);
  return new SlurmJobs({
    name,
    script: batchScript([...command, ...program, ...worker]),
    args: [
      `--cpus-per-task=${workersPerJob}`,
      `--signal=B:TERM@${drainSeconds}`,
      `--output=${folder}/%x-%A_%a.out`,
      ...walltime === undefined ? [] : [`--time=${Math.ceil(walltime / 60_000)}`],
      ...sbatchArguments(sbatch),
    ],
    drainSeconds,
  });
}

function sbatchArguments(options: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });
}

async function cancelAbandoned(folder: string, queue: string): Promise<void> {
  for (const name of abandonedNames(folder, queue)) {
    await cancelByName(name);
    forgetName(folder, name);
  }
}

function checkSlurmOptions(options: SlurmWorkersOptions): void {
  const { servers, queue, workersPerJob, worker, command, folder, sbatch } = options;
  checkQueueOptions(options);
  checkQueue(queue);
  checkText("servers", servers);
  checkAddresses(servers, LOGIN_REMEDY);
  if (workersPerJob !== undefined) checkCount("workersPerJob", workersPerJob);
  if (worker !== undefined) checkTexts("worker", worker);
  if (command !== undefined) checkTexts("command", command);
  if (command?.length === 0) throw new TypeError("command must have at least one item");
  if (folder !== undefined) checkFolder(folder);
  if (sbatch !== undefined) checkSbatch(sbatch);
  checkWalltime(options);
}

function checkWalltime({ walltime = Infinity, drainBefore = 60_000 }: SlurmWorkersOptions): void {
  checkDuration("walltime", walltime);
  checkDuration("drainBefore", drainBefore);
  if (drainBefore > LONGEST_DRAIN_MS) {
    throw new RangeError(`drainBefore must be at most ${LONGEST_DRAIN_MS}, not ${drainBefore}`);
  }
  if (walltime <= drainBefore) {
    throw new RangeError(
      `walltime must be longer than drainBefore, which is ${drainBefore}, not ${walltime}`,
    );
  }
}

function checkText(where: string, value: unknown): void {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return;
  throw new TypeError(`${where} must be a text that is not empty, not ${show(value)}`);
}

function checkTexts(where: string, values: unknown): void {
  if (!Array.isArray(values)) {
    throw new TypeError(`${where} must be an array of texts, not ${show(values)}`);
  }
  for (const value of values) checkText(`Each item of ${where}`, value);
}

function checkFolder(folder: unknown): void {
  checkText("folder", folder);
  // Slurm would replace it in the name of the file of output.
  if (String(folder).includes("%")) {
    throw new TypeError(`folder must be a path without "%", not ${show(folder)}`);
  }
}

function checkSbatch(sbatch: unknown): void {
  if (!isPlainObject(sbatch)) {
    throw new TypeError(`sbatch must be an object of options, not ${show(sbatch)}`);
  }
  for (const [name, value] of Object.entries(sbatch)) {
    if (!/^[a-z][a-z0-9-]+$/.test(name)) {
      throw new TypeError(`sbatch takes long names of options without "--", not ${show(name)}`);
    }
    const remedy = Object.hasOwn(RESERVED, name) ? RESERVED[name] : undefined;
    if (remedy !== undefined) {
      throw new TypeError(`sbatch cannot have the option ${name}: ${remedy}`);
    }
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new TypeError(
        `sbatch.${name} must be a text, a number or a boolean, not ${show(value)}`,
      );
    }
  }
}
