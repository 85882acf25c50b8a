/**
 * Adapts the number of jobs with workers to the queue of a scheduler.
 *
 * @module
 */

import {
  checkCount,
  checkDuration,
  checkFunction,
  isObject,
  ownOptions,
  show,
} from "../../scheduling/_base/check.ts";
import { print } from "../../scheduling/_base/printer.ts";
import { callAfter, pause, userNow, userTimers } from "../../scheduling/_base/time.ts";
import { watchExit } from "./_exit_watch.ts";
import { type JobChanges, JobTable } from "./_job_table.ts";
import { RestartPause } from "./_restart_pause.ts";
import { Sizing } from "./_sizing.ts";
import type { JobSystem } from "./job_system.ts";

const OPTIONS = [
  "system",
  "scheduler",
  "min",
  "max",
  "callsPerJob",
  "interval",
  "shrinkAfter",
  "log",
];
// How long the end tries to reach a system that does not answer.
const CLOSE_MS = 60_000;
const CLOSE_PAUSE_MS = 500;

/**
 * What a fleet reads of its scheduler, several times a minute.
 *
 * @example A scheduler is one
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import type { WorkQueue } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const queue: WorkQueue = Scheduler.withSequential();
 * assertEquals(queue.statistics().pending, 0);
 * ```
 *
 * @category Executors
 */
export interface WorkQueue {
  /**
   * Says how many calls there are.
   *
   * @returns the calls that wait, those of them that are held back, the calls that run, and the phase.
   */
  statistics(): {
    readonly pending: number;
    readonly held: number;
    readonly runningCount: number;
    readonly phase: string;
  };
}

/**
 * The options of a {@linkcode WorkerFleet}.
 *
 * @example The options that decide on the number of jobs
 * ```ts
 * import type { WorkerFleetOptions } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const size: Pick<WorkerFleetOptions, "min" | "max" | "callsPerJob" | "shrinkAfter"> = {
 *   min: 1,
 *   max: 20,
 *   callsPerJob: 8,
 *   shrinkAfter: 300_000,
 * };
 * assertEquals(size.max, 20);
 * ```
 *
 * @category Executors
 */
export interface WorkerFleetOptions {
  /** Where the jobs run. */
  system: JobSystem;
  /** The scheduler whose calls they run. */
  scheduler: WorkQueue;
  /** The least number of jobs. @default {0} */
  min?: number | undefined;
  /** The greatest number of jobs, those that are ending not included. */
  max: number;
  /** How many calls a job runs at a time. @default {1} */
  callsPerJob?: number | undefined;
  /** After how many milliseconds it looks at the queue and at the jobs again. @default {5_000} */
  interval?: number | undefined;
  /** For how many milliseconds there must be too many jobs before some are ended. @default {60_000} */
  shrinkAfter?: number | undefined;
  /** Takes one line for each problem. @default {prints to stderr} */
  log?: ((line: string) => void) | undefined;
}

/**
 * What a fleet has and wants.
 *
 * @example A line for a display
 * ```ts
 * import type { FleetStatistics } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * const line = ({ wanted, queued, running }: FleetStatistics) => `${running} + ${queued} of ${wanted}`;
 * const example = { wanted: 4, queued: 1, running: 3, ending: 0, problem: undefined };
 * assertEquals(line(example), "3 + 1 of 4");
 * ```
 *
 * @category Executors
 */
export interface FleetStatistics {
  /** How many jobs the queue needs, within the bounds. */
  readonly wanted: number;
  /** How many jobs wait for a machine. */
  readonly queued: number;
  /** How many jobs run and take calls. */
  readonly running: number;
  /** How many jobs take no more calls and have not ended. */
  readonly ending: number;
  /** Why the last look failed, or that jobs ended early and none has run for a minute since; else undefined. */
  readonly problem: string | undefined;
}

/**
 * Jobs that run workers. Their number follows the queue of a scheduler:
 *
 * - It wants one job for every `callsPerJob` calls that run or could run, at least `min`, at most `max`.
 * - If there are fewer, it submits the rest at once. Jobs that are ending do not count.
 * - If there have been more for `shrinkAfter`, it drains those that were not needed in that time: first
 *   jobs that wait, then those that have been running for longest. Calls that run are not interrupted.
 * - Jobs that end are replaced. If jobs fail within a minute again and again, it waits before it submits
 *   more: 5 seconds, then twice as long each time, at most 5 minutes, until a job has run for a minute.
 * - If the system does not answer, the fleet changes nothing and asks again. Before each change it lists its
 *   jobs, so that a submission whose answer was lost is found and not repeated.
 *
 * {@linkcode WorkerFleet.close} cancels all jobs, and so does the exit of the program by `Deno.exit()`. While
 * the fleet is open, SIGINT and SIGTERM exit the program, unless they have made a run end, as with
 * `handleSignals`. Nothing cancels the jobs of a program that is killed; see {@linkcode SlurmWorkers}.
 *
 * @example Follow the queue of a scheduler
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { type Job, type JobSystem, WorkerFleet } from "@amltk/scheduling/executors/slurm";
 * import { assertEquals } from "@std/assert";
 *
 * let jobs: Job[] = [];
 * const system: JobSystem = {
 *   submit(count) {
 *     jobs = Array.from({ length: count }, (_, n) => ({ id: `job ${n}`, state: "running" }));
 *     return Promise.resolve(jobs.map(({ id }) => id));
 *   },
 *   list: () => Promise.resolve(jobs),
 *   drain: () => Promise.resolve(),
 *   cancelAll: () => Promise.resolve(void (jobs = [])),
 * };
 *
 * {
 *   const scheduler = Scheduler.withSequential();
 *   await using fleet = await WorkerFleet.start({ system, scheduler, min: 2, max: 10 });
 *   assertEquals([fleet.statistics().wanted, jobs.length], [2, 2]);
 * }
 * assertEquals(jobs, []);
 * ```
 *
 * @category Executors
 */
export class WorkerFleet implements AsyncDisposable {
  readonly #system: JobSystem;
  readonly #scheduler: WorkQueue;
  readonly #interval: number;
  readonly #log: (line: string) => void;
  readonly #jobs = new JobTable();
  readonly #sizing: Sizing;
  readonly #pause = new RestartPause();
  readonly #stopWatchingExit: () => void;
  /** Why the last look failed. */
  #problem: string | undefined;
  #step: Promise<void> = Promise.resolve();
  #stopTimer = () => {};
  #closing: Promise<boolean> | undefined;

  /**
   * Submits the first jobs and goes on to adapt their number until it is closed.
   *
   * @param options The options.
   * @returns a promise of the fleet; it rejects if the system refuses or does not answer. Then it has cancelled
   * all jobs, unless `cancelAll()` has failed too.
   * @throws {TypeError} when an option is wrong or missing, or unknown.
   * @throws {RangeError} when a number is out of range.
   *
   * @example A number that is out of range
   * ```ts
   * import { Scheduler } from "@amltk/scheduling";
   * import { type JobSystem, WorkerFleet } from "@amltk/scheduling/executors/slurm";
   * import { assertRejects } from "@std/assert";
   *
   * const never = () => Promise.reject(new Error("It was called"));
   * const system: JobSystem = { submit: never, list: never, drain: never, cancelAll: never };
   * const scheduler = Scheduler.withSequential();
   * await assertRejects(() => WorkerFleet.start({ system, scheduler, min: 3, max: 2 }), RangeError);
   * ```
   */
  static async start(options: WorkerFleetOptions): Promise<WorkerFleet> {
    const own = ownOptions("A WorkerFleet", options, OPTIONS);
    checkFleetOptions(own);
    const fleet = new WorkerFleet(own);
    try {
      await fleet.#adapt();
    } catch (error) {
      fleet.#stopWatchingExit();
      // The first error says more than what its consequences do.
      await own.system.cancelAll().catch(() => {});
      throw error;
    }
    fleet.#adaptLater();
    return fleet;
  }

  /**
   * For {@linkcode WorkerFleet.start}.
   *
   * @param options The options.
   */
  private constructor(options: WorkerFleetOptions) {
    const { system, scheduler, min = 0, max, callsPerJob = 1 } = options;
    const { interval = 5_000, shrinkAfter = 60_000, log = printLine } = options;
    this.#system = system;
    this.#scheduler = scheduler;
    this.#interval = interval;
    this.#log = log;
    this.#sizing = new Sizing({ min, max, callsPerJob, shrinkAfter });
    const phase = () => scheduler.statistics().phase;
    this.#stopWatchingExit = watchExit(phase, () => system.cancelAll());
  }

  /**
   * Says what the fleet has and wants.
   *
   * @returns the numbers of jobs, as they were last listed.
   *
   * @example Wait for the first job
   * ```ts
   * import type { WorkerFleet } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * const hasStarted = (fleet: WorkerFleet) => fleet.statistics().running > 0;
   * assertEquals(typeof hasStarted, "function");
   * ```
   */
  statistics(): FleetStatistics {
    return {
      wanted: this.#wanted(),
      ...this.#jobs.counts(),
      problem: this.#problem ?? this.#pause.problem,
    };
  }

  /**
   * Cancels all jobs, with the calls that they run. If the system does not answer, it tries for a minute.
   *
   * @returns a promise of whether all jobs were cancelled; if not, the reason was logged.
   *
   * @example End early
   * ```ts
   * import type { WorkerFleet } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * async function end(fleet: WorkerFleet): Promise<void> {
   *   if (!await fleet.close()) throw new Error("There are jobs left");
   * }
   * assertEquals(end.length, 1);
   * ```
   */
  close(): Promise<boolean> {
    return this.#closing ??= this.#close();
  }

  /**
   * Does what {@linkcode WorkerFleet.close} does.
   *
   * @returns a promise that resolves when it is done.
   *
   * @example At the end of a block
   * ```ts
   * import { WorkerFleet, type WorkerFleetOptions } from "@amltk/scheduling/executors/slurm";
   * import { assertEquals } from "@std/assert";
   *
   * async function withWorkers(options: WorkerFleetOptions, search: () => Promise<void>): Promise<void> {
   *   await using _fleet = await WorkerFleet.start(options);
   *   await search();
   * }
   * assertEquals(withWorkers.length, 2);
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #adaptLater(): void {
    const adapt = async () => {
      try {
        await this.#adapt();
        this.#problem = undefined;
      } catch (error) {
        this.#report(messageOf(error));
      }
      if (this.#closing === undefined) this.#adaptLater();
    };
    this.#stopTimer = callAfter(this.#interval, () => void (this.#step = adapt()), userTimers());
  }

  async #adapt(): Promise<void> {
    this.#noteChanges(this.#jobs.update(await this.#system.list(), userNow()));
    const now = userNow();
    const change = this.#sizing.change(this.#jobs.activeCount, this.#wanted(), now);
    if (this.#closing !== undefined) return;
    if (change > 0 && this.#pause.isOver(now)) this.#jobs.add(await this.#system.submit(change));
    if (change < 0) await this.#drain(this.#jobs.toDrain(-change));
  }

  async #drain(ids: readonly string[]): Promise<void> {
    // Before, because it may end jobs although it fails.
    this.#jobs.noteDrain(ids, "asked");
    await this.#system.drain(ids);
    this.#jobs.noteDrain(ids, "accepted");
  }

  #wanted(): number {
    const { pending, held, runningCount } = this.#scheduler.statistics();
    return this.#sizing.wanted(pending - held + runningCount);
  }

  #noteChanges({ early, lasting }: JobChanges): void {
    if (lasting > 0) this.#pause.end();
    if (early === 0) return;
    const last = this.#pause.problem;
    const problem = this.#pause.noteFailure(early, userNow());
    if (problem !== last) this.#log(problem);
  }

  #report(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log(problem);
  }

  async #close(): Promise<boolean> {
    this.#stopTimer();
    await this.#step;
    const isEmpty = await this.#cancelAll(userNow() + CLOSE_MS);
    this.#stopWatchingExit();
    return isEmpty;
  }

  async #cancelAll(latest: number): Promise<boolean> {
    for (;;) {
      try {
        await this.#system.cancelAll();
        const jobs = await this.#system.list();
        this.#jobs.update(jobs, userNow());
        if (jobs.every(({ state }) => state === "ending")) return true;
      } catch (error) {
        this.#report(messageOf(error));
      }
      if (userNow() >= latest) return false;
      await pause(CLOSE_PAUSE_MS, userTimers());
    }
  }
}

function checkFleetOptions(options: WorkerFleetOptions): void {
  const { system, scheduler, min, max, callsPerJob, interval, shrinkAfter, log } = options;
  for (const name of ["submit", "list", "drain", "cancelAll"] as const) {
    if (!isObject(system)) {
      throw new TypeError(`system must be a JobSystem, not ${show(system)}`);
    }
    checkFunction(`system.${name}`, system[name]);
  }
  checkQueueOptions({ scheduler, min, max, interval, shrinkAfter, log });
  if (callsPerJob !== undefined) checkCount("callsPerJob", callsPerJob);
}

/** Throws for wrong values of the options that every fleet has. */
export function checkQueueOptions(
  { scheduler, min, max, interval, shrinkAfter, log }: Omit<WorkerFleetOptions, "system">,
): void {
  if (!isObject(scheduler) || typeof scheduler.statistics !== "function") {
    throw new TypeError(`scheduler must be a Scheduler, not ${show(scheduler)}`);
  }
  checkCount("max", max);
  if (min !== undefined && min !== 0) checkCount("min", min);
  if (min !== undefined && min > max) {
    throw new RangeError(`min must be at most max, which is ${max}, not ${min}`);
  }
  if (interval !== undefined) checkDuration("interval", interval);
  if (shrinkAfter !== undefined) checkDuration("shrinkAfter", shrinkAfter);
  if (log !== undefined) checkFunction("log", log);
}

function printLine(line: string): void {
  print(`${line}\n`, "stderr");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
