/**
 * Runs functions in Web Workers.
 *
 * @module
 */

import { checkCount, checkDuration, checkOptions, show } from "../scheduling/_check.ts";
import type { Call, Executor, ShutdownReport } from "../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";
import { WebWorkerLink } from "./_web_worker_link.ts";
import { WorkerPool } from "./_worker_pool.ts";

/** Options of {@linkcode WebWorkerExecutor}. */
export interface WebWorkerExecutorOptions {
  /** The name of the workers, each followed by a number; a debugger shows it. @default {"worker"} */
  name?: string | undefined;
  /** Milliseconds after which a worker that is not ready counts as failed to start. @default {30_000} */
  startTimeout?: number | undefined;
  /**
   * How many threads that never yield are replaced. Each one more costs the pool a worker; with
   * none left, queued calls fail with `ExecutorBrokenError`.
   *
   * @default {2}
   */
  maxRunaways?: number | undefined;
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
 */
export class WebWorkerExecutor implements Executor {
  /** Its name. */
  readonly name = "WebWorkerExecutor";
  /** How many workers there are at most. */
  readonly workerCount: number;
  readonly #pool: WorkerPool;

  /**
   * Makes an executor; no worker is started before it is needed.
   *
   * @param workerCount How many workers at most. @default {navigator.hardwareConcurrency}
   * @param options Their name, how long they may take to start, and how many are replaced that
   * cannot be stopped.
   * @throws {RangeError} when `workerCount` is not a positive integer, or `startTimeout` negative.
   * @throws {TypeError} for a wrong option.
   */
  constructor(
    workerCount: number = navigator.hardwareConcurrency,
    options: WebWorkerExecutorOptions = {},
  ) {
    checkCount("The number of workers", workerCount);
    checkOptions("A WebWorkerExecutor", options, ["name", "startTimeout", "maxRunaways"]);
    const { name = "worker", startTimeout = 30_000, maxRunaways = 2 } = options;
    if (typeof name !== "string") throw new TypeError(`name must be a string, not ${show(name)}`);
    checkDuration("startTimeout", startTimeout);
    if (maxRunaways !== Infinity) checkCount("maxRunaways", maxRunaways);
    this.workerCount = workerCount;
    let started = 0;
    this.#pool = new WorkerPool(
      workerCount,
      maxRunaways,
      (listener) => new WebWorkerLink(`${name}-${++started}`, startTimeout, listener),
    );
  }

  /**
   * Refuses a function that cannot cross to a worker.
   *
   * @param fn The function.
   * @throws {TypeError} for native and bound functions, classes, generator functions, and functions
   * whose source does not compile on its own.
   */
  check(fn: TaskFunction): void {
    functionSource(fn);
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
   * Terminates the worker that runs the call, if one does.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#pool.cancel(call);
  }

  /**
   * Terminates all workers.
   *
   * @returns a promise that resolves when they have ended, or go on in spite of it.
   */
  shutdown(): Promise<ShutdownReport> {
    return this.#pool.shutdown();
  }
}
