/**
 * Runs functions in child processes.
 *
 * @module
 */

import { checkCountBeforeOptions, ownOptions, show } from "../scheduling/_base/check.ts";
import { toBytes } from "../scheduling/_base/bytes.ts";
import { requireDeno, type Version } from "../scheduling/_base/deno_version.ts";
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
import { InheritedFile } from "./_links/inherited_file.ts";
import { ProcessLink } from "./_links/process_link.ts";
import { checkDenoFlags, environment, joinV8Flags, unlessGiven } from "./_links/deno_flags.ts";
import { findConfig } from "./_links/find_config.ts";
import type { SpawnWorker } from "./_links/worker_link.ts";
import { copyToOwnMemory } from "./_wire/shared_memory.ts";
import { FILE_BYTES } from "./_wire/protocol.ts";
import { sharingError } from "../scheduling/_base/uncloneable.ts";
import { serialize } from "../scheduling/_base/v8_values.ts";
import { batchSize } from "./_pool/batch_option.ts";
import { WorkerPool } from "./_pool/worker_pool.ts";
import {
  HOUSEKEEPING_OPTIONS,
  type HousekeepingOptions,
  housekeepingSettings,
} from "./housekeeping_options.ts";
import { featuresWith, START_OPTIONS, type StartOptions, startSettings } from "./start_options.ts";
import { permissionFlags, type WorkerPermissions } from "./worker_permissions.ts";

const MIB = 2 ** 20;
// Below 6 MiB, a process of Deno 2.9 fills its heap before it is ready for calls.
const LEAST_MEMORY = 8 * MIB;
// Older versions, 2.9.0 and 2.9.1 included, cannot read an inherited pipe.
const LOWEST: Version = [2, 9, 2];

const OPTIONS = [
  ...START_OPTIONS,
  ...HOUSEKEEPING_OPTIONS,
  "permissions",
  "config",
  "denoFlags",
  "memory",
  "batch",
];
const OF_WORKERS = {
  where: "Scheduler.withWorkers()",
  options: ["name", "maxRunaways", "unstableWorkerOptions"],
};

/**
 * Options of {@linkcode ProcessExecutor}.
 *
 * @example Processes that may read, and nothing else
 * ```ts
 * import { type ProcessExecutorOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ProcessExecutorOptions = { permissions: { read: true }, startTimeout: 60_000 };
 * const scheduler = Scheduler.withProcesses(1, options);
 * const stateOf = scheduler.task((name: "read" | "net") => Deno.permissions.querySync({ name }).state);
 * scheduler.onStart(async () => {
 *   const states = await Promise.all([stateOf.submit("read"), stateOf.submit("net")]);
 *   assertEquals(states, ["granted", "denied"]);
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export interface ProcessExecutorOptions extends StartOptions, HousekeepingOptions {
  /**
   * The permissions of the processes. By default they get those that this program has in full.
   */
  permissions?: WorkerPermissions | undefined;
  /**
   * The path or URL of the file that resolves the imports of your functions: a `deno.json`, a
   * `package.json` or an import map.
   *
   * @default {the nearest deno.json or package.json above the main module that this program may read}
   */
  config?: string | URL | undefined;
  /**
   * Flags of `deno run` for the processes, each with its value: `--unstable-kv`,
   * `--location=https://example.com`, `--v8-flags=--expose-gc`. The flags of this program are not passed
   * on automatically. Flags that would grant permissions are refused.
   *
   * @default {[]}
   */
  denoFlags?: readonly string[] | undefined;
  /**
   * How much each process may allocate beyond what Deno itself needs: bytes, or a text such as
   * `"512 MiB"`; at least `"8 MiB"`, because a process needs that to start. Linux only: V8 keeps its heap
   * below the cap, and the kernel refuses more (`prlimit`, which needs permission to run `sh`). At the
   * cap, a function that allocates a buffer gets a `RangeError`; any other allocation ends its process,
   * and the call fails with `WorkerLostError`. To limit single calls, use the plugin `ResourceLimits`.
   */
  memory?: number | string | undefined;
  /**
   * The maximum number of calls in a message: up to 256, or `"adaptive"` for as many as should take
   * about a millisecond, judging by recent calls. It affects neither order nor events nor faults: pending
   * calls can be cancelled, and another process takes them if a call before them is slow.
   *
   * @default {"adaptive"}
   */
  batch?: number | "adaptive" | undefined;
}

/**
 * Runs functions in `deno` child processes, each wrapped by a comlink proxy.
 *
 * It works like `WebWorkerExecutor`, with these differences:
 *
 * - A process contains whatever its task does: running out of memory, endless loops, crashes. If it ends
 *   while it runs a call, the call fails with `WorkerLostError`, which has the exit code or signal.
 *   Cancelling a running call always kills its process.
 * - Processes share no memory, and values marked by `transfer()` are copied.
 * - If this program is killed, its processes end within a second. The programs that functions start end
 *   with their process, if this program may run every program.
 * - The output of functions is forwarded as it arrives, by whole lines where possible. Output that cannot
 *   be written is dropped.
 * - On Linux and macOS, Ctrl-C in the terminal reaches this program alone.
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
 * await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
 * ```
 *
 * @category Executors
 */
export class ProcessExecutor implements Executor {
  /** The name of the executor. */
  readonly name = "ProcessExecutor";
  /** The maximum number of processes. */
  readonly workerCount: number;
  /** The limits that it enforces: all of them, on Windows `wallTime` alone. */
  readonly limits: readonly LimitName[] = Deno.build.os === "windows"
    ? ["wallTime"]
    : ["wallTime", "cpuTime", "memory"];
  /** It honours limits, priorities and messages, and output if its option `output` is `"event"`. */
  readonly features: readonly ExecutorFeature[];
  readonly #pool: WorkerPool;

  /**
   * Makes an executor. Processes start when calls need them.
   *
   * @param workerCount The maximum number of processes. @default {navigator.hardwareConcurrency}
   * @param options Their permissions, memory, imports, flags and start.
   * @throws {RangeError} if `workerCount` is not a positive integer, `startTimeout` is negative, or
   * `memory` is not a valid size.
   * @throws {TypeError} for a wrong option, for an initializer that cannot cross to a process, for `memory`
   * on systems other than Linux, in Deno before 2.9.2, in a compiled program, and if `permissions` is
   * missing in a program whose own permissions are partial.
   */
  constructor(
    workerCount: number = navigator.hardwareConcurrency,
    options: ProcessExecutorOptions = {},
  ) {
    checkCountBeforeOptions("The number of processes, the first argument,", workerCount);
    checkDeno();
    const own = ownOptions("A ProcessExecutor", options, OPTIONS, OF_WORKERS);
    const memory = memoryCap(own.memory);
    this.workerCount = workerCount;
    this.features = featuresWith(own);
    const { flags, lookBeside } = findConfig(own.config);
    const args = commandLine(own, flags, memory);
    const spawn: SpawnWorker = (listener) =>
      new ProcessLink({
        args,
        lookBeside,
        env: environment(),
        memory,
        file: InheritedFile.isAllowed() ? InheritedFile.make(FILE_BYTES) : undefined,
      }, listener);
    const start = { spawn, ...startSettings(own) };
    this.#pool = new WorkerPool({
      workerCount,
      maxRunaways: Infinity,
      batch: batchSize(own),
      start,
      housekeeping: housekeepingSettings(own, workerCount),
    });
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

  /** Starts the processes that the option `warmUp` asks for. */
  start(): void {
    this.#pool.start();
  }

  /**
   * Captures what is printed in processes that start from now on.
   *
   * @param listener Takes the texts; undefined to let processes print as usual.
   */
  captureOutput(listener: OutputListener | undefined): void {
    this.#pool.captureOutput(listener);
  }

  /**
   * Returns what the processes do and have done.
   *
   * @returns a record for each that was started, in the order of their numbers.
   */
  workers(): WorkerStatistics[] {
    return this.#pool.workers();
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
   * Copies a value to be shared, which then crosses to each process once.
   *
   * @param value The value.
   * @returns the copy.
   * @throws {DOMException} `DataCloneError` if it cannot be cloned.
   */
  share(value: object): object {
    const copy = copyToOwnMemory(value);
    try {
      serialize(copy, []);
    } catch (cause) {
      throw sharingError(copy, cause);
    }
    return this.#pool.share(copy);
  }

  /**
   * Makes the processes drop a shared value.
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
   * Kills the process that runs the call, if it is running.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#pool.cancel(call);
  }

  /**
   * Ends all processes: asks idle ones to end and kills busy ones.
   *
   * @returns a promise that resolves when they have ended.
   */
  shutdown(): Promise<ShutdownReport> {
    return this.#pool.shutdown();
  }
}

function checkDeno(): void {
  requireDeno("ProcessExecutor", LOWEST);
  // A compiled program would start itself, over and over.
  if (!Deno.build.standalone) return;
  throw new TypeError("A compiled program has no Deno to run processes with: use withWorkers()");
}

function commandLine(
  { permissions, denoFlags = [] }: ProcessExecutorOptions,
  configFlags: readonly string[],
  memory: number | undefined,
): string[] {
  const given = checkDenoFlags(denoFlags);
  const heap = memory === undefined ? [] : [`--max-old-space-size=${Math.ceil(memory / MIB)}`];
  return [
    "run",
    ...unlessGiven(["--no-prompt", "--quiet", "--no-lock", ...configFlags], given),
    ...joinV8Flags(given, heap),
    ...permissionFlags(permissions),
  ];
}

function memoryCap(memory: number | string | undefined): number | undefined {
  if (memory === undefined) return undefined;
  if (Deno.build.os !== "linux") {
    throw new TypeError(
      `memory of processes can be capped on Linux alone, not on ${Deno.build.os}: ` +
        `use the plugin ResourceLimits, or leave it out`,
    );
  }
  const bytes = toBytes("memory", memory);
  if (bytes >= LEAST_MEMORY) return bytes;
  const meant = typeof memory === "number" && memory * MIB >= LEAST_MEMORY
    ? ` bytes: did you mean "${memory} MiB"?`
    : "";
  throw new RangeError(
    `memory must be at least "8 MiB", which a process needs to start, not ${show(memory)}${meant}`,
  );
}
