/**
 * Runs functions in Web Workers.
 *
 * @module
 */

import {
  checkBoolean,
  checkCountBeforeOptions,
  checkCountOrInfinity,
  ownOptions,
  show,
} from "../scheduling/_base/check.ts";
import type {
  Call,
  CallProgress,
  Executor,
  ExecutorFeature,
  OutputListener,
  ShutdownReport,
  WorkerStatistics,
} from "../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";
import type { LimitName } from "../scheduling/limits.ts";
import { type Bootstrap, bootstrap } from "./_links/bootstrap.ts";
import { copyToSharedMemory } from "./_wire/shared_memory.ts";
import { WebWorkerLink } from "./_links/web_worker_link.ts";
import type { SpawnWorker } from "./_links/worker_link.ts";
import { batchSize } from "./_pool/batch_option.ts";
import { WorkerPool } from "./_pool/worker_pool.ts";
import {
  HOUSEKEEPING_OPTIONS,
  type HousekeepingOptions,
  housekeepingSettings,
} from "./housekeeping_options.ts";
import { featuresWith, START_OPTIONS, type StartOptions, startSettings } from "./start_options.ts";
import {
  checkPermissions,
  platformPermissions,
  resolvePermissions,
  type WorkerPermissions,
} from "./worker_permissions.ts";

const OF_PROCESSES = {
  where: "Scheduler.withProcesses()",
  options: ["memory", "config", "denoFlags"],
};
const OPTIONS = [
  ...START_OPTIONS,
  ...HOUSEKEEPING_OPTIONS,
  "name",
  "maxRunaways",
  "batch",
  "permissions",
  "unstableWorkerOptions",
];

/**
 * Options of {@linkcode WebWorkerExecutor}.
 *
 * @example Named workers, one call a message
 * ```ts
 * import { Scheduler, type WebWorkerExecutorOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: WebWorkerExecutorOptions = { name: "trainer", batch: 1 };
 * const scheduler = Scheduler.withWorkers(1, options);
 * scheduler.onStart(async () => {
 *   assertEquals(await scheduler.submit(() => self.name), "trainer-1");
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export interface WebWorkerExecutorOptions extends StartOptions, HousekeepingOptions {
  /** The name of the workers, each followed by a number; a debugger shows it. @default {"worker"} */
  name?: string | undefined;
  /**
   * How many runaway threads, which never yield and so cannot be stopped, are replaced: 1 or more,
   * `Infinity` for all. Each further one costs the pool a worker; with no worker left, queued calls fail
   * with `ExecutorBrokenError`.
   *
   * @default {2}
   */
  maxRunaways?: number | undefined;
  /**
   * The maximum number of calls in a message: up to 256, or `"adaptive"` for as many as should take
   * about a millisecond, judging by recent calls. It affects neither order nor events nor faults: pending
   * calls can be cancelled, and another worker takes them if a call before them is slow.
   *
   * @default {"adaptive"}
   */
  batch?: number | "adaptive" | undefined;
  /**
   * The permissions of the workers, by default those of this program. The modules of functions load
   * without any permission. On a terminal, Deno still prompts the user for a missing permission, unless it
   * was started with `--no-prompt`. Tasks of one worker share its globals, so use
   * `Scheduler.withProcesses()` as the sandbox for untrusted code.
   *
   * This option needs Deno to be started with `--unstable-worker-options` (or
   * `"unstable": ["worker-options"]` in deno.json). Without it, Deno ends the whole program, uncatchably.
   */
  permissions?: WorkerPermissions | undefined;
  /**
   * Confirms that Deno was started with `--unstable-worker-options`, which `permissions` need and a
   * program cannot detect.
   *
   * @default {false}
   */
  unstableWorkerOptions?: boolean | undefined;
}

/**
 * Runs functions in Web Workers, each wrapped by a comlink proxy.
 *
 * Workers start when calls need them, up to the given number. They are reused, and all end with the run.
 * A function crosses to each worker once. Arguments are copied by structured cloning when a worker takes
 * the call.
 *
 * If a worker ends while it runs a call, the call fails with `WorkerLostError`, and the worker is replaced.
 * If three workers in a row cannot start, all queued calls fail with `ExecutorBrokenError`. A call with a
 * value that cannot be cloned fails with a `DOMException` named `DataCloneError`. Cancelling a running
 * call terminates its worker. A thread that never yields cannot be stopped: it is reported on stderr and
 * counted as `runaways` in the exit state.
 *
 * @example An executor with options
 * ```ts
 * import { Scheduler, WebWorkerExecutor } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = new Scheduler(new WebWorkerExecutor(2, { name: "trainer" }));
 * scheduler.onStart(async () => {
 *   assertEquals(await scheduler.submit((n: number) => n ** 2, 3), 9);
 * });
 * await scheduler.run();
 * ```
 *
 * @category Executors
 */
export class WebWorkerExecutor implements Executor {
  /** The name of the executor. */
  readonly name = "WebWorkerExecutor";
  /** The maximum number of workers. */
  readonly workerCount: number;
  /** The limits that it enforces: `wallTime` alone. */
  readonly limits: readonly LimitName[] = ["wallTime"];
  /** It honours limits, priorities and messages, and output if its option `output` is `"event"`. */
  readonly features: readonly ExecutorFeature[];
  readonly #pool: WorkerPool;
  readonly #permissions: WorkerPermissions | undefined;
  // The URLs of the functions that were checked.
  readonly #modules = new Set<string>();

  /**
   * Makes an executor. Workers start when calls need them.
   *
   * @param workerCount The maximum number of workers. @default {navigator.hardwareConcurrency}
   * @param options Their name, start, permissions, batches and replacement.
   * @throws {RangeError} if `workerCount`, `maxRunaways` or `batch` is not a positive integer, `batch` is
   * above 256, or `startTimeout` is negative.
   * @throws {TypeError} for a wrong option, for an initializer that cannot cross to a worker, and for
   * `permissions` without `unstableWorkerOptions`.
   */
  constructor(
    workerCount: number = navigator.hardwareConcurrency,
    options: WebWorkerExecutorOptions = {},
  ) {
    checkCountBeforeOptions("The number of workers, the first argument,", workerCount);
    const own = ownOptions("A WebWorkerExecutor", options, OPTIONS, OF_PROCESSES);
    const { name = "worker", maxRunaways = 2 } = own;
    const batch = batchSize(own);
    if (typeof name !== "string") throw new TypeError(`name must be a string, not ${show(name)}`);
    checkCountOrInfinity("maxRunaways", maxRunaways);
    checkSandbox(own);
    this.workerCount = workerCount;
    this.features = featuresWith(own);
    const { permissions } = own;
    this.#permissions = permissions === undefined ? undefined : resolvePermissions(permissions);
    let started = 0;
    const spawn: SpawnWorker = (listener) =>
      new WebWorkerLink({ name: `${name}-${++started}`, bootstrap: this.#bootstrap() }, listener);
    const start = { spawn, ...startSettings(own) };
    const housekeeping = housekeepingSettings(own, workerCount);
    this.#pool = new WorkerPool({ workerCount, maxRunaways, batch, start, housekeeping });
    if (own.initializer !== undefined) this.check(own.initializer);
  }

  /**
   * Refuses a function that cannot cross to a worker.
   *
   * @param fn The function.
   * @throws {TypeError} for native and bound functions, classes, generator functions, and functions
   * whose source does not compile on its own.
   */
  check(fn: TaskFunction): void {
    const source = functionSource(fn);
    if (this.#permissions === undefined || source.kind !== "module") return;
    if (this.#modules.has(source.url)) return;
    this.#modules.add(source.url);
    // Running workers cannot load the new module.
    this.#pool.renew();
  }

  /** Starts the workers that the option `warmUp` asks for. */
  start(): void {
    this.#pool.start();
  }

  /**
   * Captures what is printed in workers that start from now on.
   *
   * @param listener Takes the texts; undefined to let workers print as usual.
   */
  captureOutput(listener: OutputListener | undefined): void {
    this.#pool.captureOutput(listener);
  }

  /**
   * Returns what the workers do and have done.
   *
   * @returns a record for each that was started, in the order of their numbers.
   */
  workers(): WorkerStatistics[] {
    return this.#pool.workers();
  }

  /**
   * Sends a call to an idle worker, or queues it.
   *
   * @param call The call.
   */
  submit(call: Call): void {
    this.#pool.submit(call);
  }

  /**
   * Copies a value to be shared, with its buffers in shared memory. It then crosses to each worker once.
   *
   * @param value The value.
   * @returns the copy.
   * @throws {DOMException} `DataCloneError` if it cannot be cloned.
   */
  share(value: object): object {
    return this.#pool.share(copyToSharedMemory(value));
  }

  /**
   * Makes the workers drop a shared value.
   *
   * @param value The copy that `share()` returned.
   */
  release(value: object): void {
    this.#pool.release(value);
  }

  /**
   * The progress of a call that has started.
   *
   * @param call The call.
   * @returns its progress; undefined if it has not started.
   */
  progress(call: Call): CallProgress | undefined {
    return this.#pool.progress(call);
  }

  /**
   * Withdraws calls that have not started, prefetched ones included.
   *
   * @param calls The calls.
   * @returns a promise of the calls that will not start.
   */
  takeBack(calls: readonly Call[]): Promise<Call[]> {
    return this.#pool.takeBack(calls);
  }

  /**
   * Terminates the worker that runs the call, if it is running.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#pool.cancel(call);
  }

  /**
   * Ends all workers: asks idle ones to end and terminates busy ones.
   *
   * @returns a promise that resolves when they have ended, with the count of those that keep running.
   */
  shutdown(): Promise<ShutdownReport> {
    return this.#pool.shutdown();
  }

  #bootstrap(): Bootstrap | undefined {
    return this.#permissions && bootstrap(platformPermissions(this.#permissions), this.#modules);
  }
}

function checkSandbox({ permissions, unstableWorkerOptions = false }: WebWorkerExecutorOptions) {
  checkBoolean("unstableWorkerOptions", unstableWorkerOptions);
  if (permissions === undefined) return;
  checkPermissions(permissions);
  if (!unstableWorkerOptions) {
    throw new TypeError(
      "permissions of Web Workers need Deno to be started with --unstable-worker-options, without which " +
        "it ends the program: start it with the flag, and set unstableWorkerOptions: true to confirm it",
    );
  }
}
