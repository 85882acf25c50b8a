/**
 * Runs functions in Web Workers.
 *
 * @module
 */

import {
  checkBoolean,
  checkCount,
  checkCountBeforeOptions,
  checkCountOrInfinity,
  ownOptions,
  show,
} from "../scheduling/_base/check.ts";
import type { Call, CallProgress, Executor, ShutdownReport } from "../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";
import type { LimitName } from "../scheduling/limits.ts";
import { type Bootstrap, bootstrap } from "./_links/bootstrap.ts";
import { MAX_BATCH_SIZE } from "./_wire/batch_memory.ts";
import { copyToSharedMemory } from "./_wire/shared_memory.ts";
import { WebWorkerLink } from "./_links/web_worker_link.ts";
import type { SpawnWorker } from "./_links/worker_link.ts";
import { WorkerPool } from "./_pool/worker_pool.ts";
import { START_OPTIONS, type StartOptions, startSettings } from "./start_options.ts";
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
export interface WebWorkerExecutorOptions extends StartOptions {
  /** The name of the workers, each followed by a number; a debugger shows it. @default {"worker"} */
  name?: string | undefined;
  /**
   * How many threads that never yield are replaced: 1 or more, `Infinity` for all. Each one more costs the pool a worker; with
   * none left, queued calls fail with `ExecutorBrokenError`.
   *
   * @default {2}
   */
  maxRunaways?: number | undefined;
  /**
   * How many calls go to a worker in one message, at most: a number up to 256, or as many as take
   * about a millisecond of late. Order, events and faults are the same whatever it is: what has not
   * begun can be cancelled, and is given to another worker when one before it is slow.
   *
   * @default {"adaptive"}
   */
  batch?: number | "adaptive" | undefined;
  /**
   * What the workers may do; without it, all that this program may. Functions of modules load without
   * any permission. On a terminal Deno still asks the user for what a worker lacks, unless it was
   * started with `--no-prompt`. Tasks of one worker share its globals: the sandbox for code that one
   * does not trust is `Scheduler.withProcesses()`.
   *
   * Deno ends the whole program here, uncatchably, unless it was started with
   * `--unstable-worker-options` (or `"unstable": ["worker-options"]` in deno.json).
   */
  permissions?: WorkerPermissions | undefined;
  /** Your word that Deno was started with that flag, as a program cannot see it. @default {false} */
  unstableWorkerOptions?: boolean | undefined;
}

/**
 * Runs functions in Web Workers, each wrapped by a comlink proxy.
 *
 * Workers start when there is something for them to do, up to the given number, and are used again;
 * all end with the run. A function is sent to a worker once. Arguments are copied by structured
 * cloning when a worker takes the call.
 *
 * A worker that ends while it runs a call fails that call with `WorkerLostError`, and is replaced;
 * when three in a row cannot start, all queued calls fail with `ExecutorBrokenError`. What cannot be
 * cloned fails its call with a `DOMException` named `DataCloneError`. Cancelling a running call
 * terminates its worker. A thread that computes without ever yielding cannot be stopped: it is told
 * of on stderr and counted as `runaways` of the exit state.
 *
 * @example An executor of one's own choice
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
  /** Its name. */
  readonly name = "WebWorkerExecutor";
  /** How many workers there are at most. */
  readonly workerCount: number;
  /** It enforces the time on the clock. */
  readonly limits: readonly LimitName[] = ["wallTime"];
  readonly #pool: WorkerPool;
  readonly #permissions: WorkerPermissions | undefined;
  // Of the functions that it was shown.
  readonly #modules = new Set<string>();

  /**
   * Makes an executor; no worker is started before it is needed.
   *
   * @param workerCount How many workers at most. @default {navigator.hardwareConcurrency}
   * @param options Their name, how they start, what they may do, and how many are replaced that
   * cannot be stopped.
   * @throws {RangeError} when `workerCount`, `maxRunaways` or `batch` is not a positive integer,
   * `batch` more than 256, or `startTimeout` negative.
   * @throws {TypeError} for a wrong option, for an initializer that cannot cross to a worker, and for
   * `permissions` without `unstableWorkerOptions`.
   */
  constructor(
    workerCount: number = navigator.hardwareConcurrency,
    options: WebWorkerExecutorOptions = {},
  ) {
    checkCountBeforeOptions("The number of workers, the first argument,", workerCount);
    const own = ownOptions("A WebWorkerExecutor", options, OPTIONS, OF_PROCESSES);
    const { name = "worker", maxRunaways = 2, batch = "adaptive" } = own;
    if (typeof name !== "string") throw new TypeError(`name must be a string, not ${show(name)}`);
    checkCountOrInfinity("maxRunaways", maxRunaways);
    if (batch !== "adaptive") checkBatch(batch);
    checkSandbox(own);
    this.workerCount = workerCount;
    const { permissions } = own;
    this.#permissions = permissions === undefined ? undefined : resolvePermissions(permissions);
    let started = 0;
    const spawn: SpawnWorker = (listener) =>
      new WebWorkerLink({ name: `${name}-${++started}`, bootstrap: this.#bootstrap() }, listener);
    const start = { spawn, ...startSettings(own) };
    this.#pool = new WorkerPool({ workerCount, maxRunaways, batch, start });
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
    // Those that are running cannot load it.
    this.#pool.renew();
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
   * Copies a value, its buffers into shared memory.
   *
   * @param value The value.
   * @returns the copy, which crosses to each worker once.
   * @throws {DOMException} `DataCloneError` when it cannot be cloned.
   */
  share(value: object): object {
    return this.#pool.share(copyToSharedMemory(value));
  }

  /**
   * Has the workers let go of a shared value.
   *
   * @param value What `share()` returned.
   */
  release(value: object): void {
    this.#pool.release(value);
  }

  /**
   * Tells how far a call is that has begun.
   *
   * @param call The call.
   * @returns undefined when it has not begun, or is not part of a batch.
   */
  progress(call: Call): CallProgress | undefined {
    return this.#pool.progress(call);
  }

  /**
   * Takes back calls that have not started, prefetched ones included.
   *
   * @param calls The calls.
   * @returns a promise of those that will not start.
   */
  takeBack(calls: readonly Call[]): Promise<Call[]> {
    return this.#pool.takeBack(calls);
  }

  /**
   * Terminates the worker that runs the call, if one does.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#pool.cancel(call);
  }

  /**
   * Ends all workers. Idle ones are asked to, busy ones terminated.
   *
   * @returns a promise that resolves when they have ended, or go on in spite of it.
   */
  shutdown(): Promise<ShutdownReport> {
    return this.#pool.shutdown();
  }

  #bootstrap(): Bootstrap | undefined {
    return this.#permissions && bootstrap(platformPermissions(this.#permissions), this.#modules);
  }
}

function checkBatch(batch: number): void {
  if (typeof batch !== "number") {
    throw new TypeError(`batch must be a number or "adaptive", not ${show(batch)}`);
  }
  checkCount("batch", batch);
  if (batch > MAX_BATCH_SIZE) {
    throw new RangeError(`batch must be at most ${MAX_BATCH_SIZE}, not ${batch}`);
  }
}

function checkSandbox({ permissions, unstableWorkerOptions = false }: WebWorkerExecutorOptions) {
  checkBoolean("unstableWorkerOptions", unstableWorkerOptions);
  if (permissions === undefined) return;
  checkPermissions(permissions);
  if (!unstableWorkerOptions) {
    throw new TypeError(
      "permissions of Web Workers need Deno to be started with --unstable-worker-options, or it ends " +
        "the program: start it so, and say unstableWorkerOptions: true beside them",
    );
  }
}
