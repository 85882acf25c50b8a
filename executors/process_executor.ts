/**
 * Runs functions in child processes.
 *
 * @module
 */

import { checkCount, checkDuration, checkOptions } from "../scheduling/_check.ts";
import type { Call, Executor, ShutdownReport } from "../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../scheduling/function.ts";
import { type ChildPermissions, permissionFlags } from "./child_permissions.ts";
import { ProcessLink } from "./_process_link.ts";
import { findConfig } from "./_find_config.ts";
import { WorkerPool } from "./_worker_pool.ts";

/** Options of {@linkcode ProcessExecutor}. */
export interface ProcessExecutorOptions {
  /**
   * What the processes may do: `"none"`, or by name `true` for all of it or a list, as for
   * `Deno.Command`'s flags. By default the permissions that this program has in full are passed on.
   */
  permissions?: ChildPermissions | undefined;
  /**
   * The `deno.json` that resolves the imports of your functions.
   *
   * @default {the nearest one above the main module that this program may read}
   */
  config?: string | URL | undefined;
  /** Milliseconds after which a process that is not ready counts as failed to start. @default {30_000} */
  startTimeout?: number | undefined;
}

/**
 * Runs functions in `deno` child processes, each wrapped by a comlink proxy.
 *
 * As `WebWorkerExecutor`, with these differences. Whatever a task does is contained: running out of
 * memory, endless loops, crashes. A process that ends while it runs a call fails it with
 * `WorkerLostError`, with exit code or signal; cancelling kills it for certain. Nothing is shared and
 * nothing moves: what `transfer()` marks is copied. A process that outlives this one ends within a
 * second. What functions print is passed on by whole lines.
 *
 * @example Survive what a thread does not
 * ```ts
 * import { ProcessExecutor, Scheduler, WorkerLostError } from "@amltk/scheduling";
 * import { assertInstanceOf } from "@std/assert";
 *
 * const scheduler = new Scheduler(new ProcessExecutor(1));
 * scheduler.onStart(async () => {
 *   const spin = scheduler.submit(() => {
 *     for (;;);
 *   });
 *   scheduler.callLater(200, () => spin.cancel());
 *   const exit = scheduler.submit(() => Deno.exit(3));
 *   assertInstanceOf(await exit.catch((error) => error), WorkerLostError);
 * });
 * await scheduler.run({ onException: "ignore" });
 * ```
 */
export class ProcessExecutor implements Executor {
  /** Its name. */
  readonly name = "ProcessExecutor";
  /** How many processes there are at most. */
  readonly workerCount: number;
  readonly #pool: WorkerPool;

  /**
   * Makes an executor; no process is started before it is needed.
   *
   * @param workerCount How many processes at most. @default {navigator.hardwareConcurrency}
   * @param options What they may do, what resolves their imports, how long they may take to start.
   * @throws {RangeError} when `workerCount` is not a positive integer, or `startTimeout` negative.
   * @throws {TypeError} for a wrong option, and when `permissions` is missing in a program that has
   * its own only in part.
   */
  constructor(
    workerCount: number = navigator.hardwareConcurrency,
    options: ProcessExecutorOptions = {},
  ) {
    checkCount("The number of processes", workerCount);
    checkOptions("A ProcessExecutor", options, ["permissions", "config", "startTimeout"]);
    const { permissions, config, startTimeout = 30_000 } = options;
    checkDuration("startTimeout", startTimeout);
    this.workerCount = workerCount;
    const configFile = findConfig(config);
    const args = [
      "run",
      "--no-prompt",
      "--quiet",
      "--no-lock",
      ...(configFile === undefined ? ["--no-config"] : ["--config", configFile]),
      ...permissionFlags(permissions),
    ];
    this.#pool = new WorkerPool(
      workerCount,
      Infinity,
      (listener) => new ProcessLink({ args, env: environment() }, startTimeout, listener),
    );
  }

  /**
   * Refuses a function that cannot cross to a process.
   *
   * @param fn The function.
   * @throws {TypeError} for native and bound functions, classes, generator functions, and functions
   * whose source does not compile on its own.
   */
  check(fn: TaskFunction): void {
    functionSource(fn);
  }

  /**
   * Sends a call to an idle process, or queues it.
   *
   * @param call The call.
   */
  submit(call: Call): void {
    this.#pool.submit(call);
  }

  /**
   * Kills the process that runs the call, if one does.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#pool.cancel(call);
  }

  /**
   * Kills all processes.
   *
   * @returns a promise that resolves when they have ended.
   */
  shutdown(): Promise<ShutdownReport> {
    return this.#pool.shutdown();
  }
}

function environment(): Record<string, string> {
  const granted = Deno.permissions.querySync({ name: "env" }).state === "granted";
  return granted ? Deno.env.toObject() : {};
}
