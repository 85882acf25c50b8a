/**
 * Runs functions on other machines, which share a server of NATS with this program.
 *
 * @module
 */

import { checkCountOrInfinity, checkDuration, ownOptions } from "../../scheduling/_base/check.ts";
import type {
  Call,
  Executor,
  ExecutorFeature,
  OutputListener,
  ShutdownReport,
  WorkerStatistics,
} from "../../scheduling/executor.ts";
import { functionSource, type TaskFunction } from "../../scheduling/function.ts";
import type { LimitName } from "../../scheduling/limits.ts";
import { FunctionTable } from "../_calls/function_table.ts";
import { SharedValues } from "../_calls/shared_values.ts";
import { copyToOwnMemory } from "../_wire/shared_memory.ts";
import { featuresWith, type StartOptions, startSettings } from "../start_options.ts";
import { checkConnect, type NatsConnect } from "./connect.ts";
import { RemoteRun } from "./_home/remote_run.ts";
import { WorkerTable } from "./_home/worker_table.ts";
import { checkCodeVersion, checkQueue } from "./_wire/names.ts";

const OPTIONS = [
  "connect",
  "queue",
  "codeVersion",
  "maxConcurrent",
  "initializer",
  "startTimeout",
  "output",
  "lostAfter",
];

/**
 * The options of a {@linkcode NatsExecutor}.
 *
 * @example All options
 * ```ts
 * import { NatsExecutor, type NatsExecutorOptions } from "@amltk/scheduling/executors/nats";
 * import { assertEquals } from "@std/assert";
 *
 * const options: NatsExecutorOptions = {
 *   connect: "nats://broker.example:4222",
 *   queue: "train",
 *   codeVersion: "2026-11-26",
 *   maxConcurrent: 64,
 *   output: "event",
 *   lostAfter: 60_000,
 * };
 * assertEquals(new NatsExecutor(options).workerCount, 64);
 * ```
 *
 * @category Executors
 */
export interface NatsExecutorOptions {
  /** How this program reaches the server. */
  connect: NatsConnect;
  /**
   * The name by which this program and its workers find each other: letters, digits, `-` and `_`, at most
   * 64. Several programs may use the same queue; its workers then serve all of them.
   */
  queue: string;
  /**
   * Calls go only to workers that were started with the same code version. Change it with the code of your
   * modules, so that a worker which still has the old ones gets no calls.
   *
   * @default {undefined}: to workers without one
   */
  codeVersion?: string | undefined;
  /**
   * How many calls may run at a time on all machines together. A worker that joins when fewer are left than it
   * could run keeps that number for the run.
   *
   * @default {Infinity}
   */
  maxConcurrent?: number | undefined;
  /** Runs once in each thread or process of a worker before any call, as in the options of all executors. */
  initializer?: StartOptions["initializer"];
  /** Milliseconds within which each of these must be ready, its initializer included. @default {30_000} */
  startTimeout?: StartOptions["startTimeout"];
  /**
   * Where what functions print goes: to the output of the remote worker, or, with `"event"`, to the events
   * `output` of the task and `future-output` of the scheduler.
   *
   * @default {"inherit"}
   */
  output?: StartOptions["output"];
  /**
   * After how many milliseconds without an answer a worker counts as lost: rounded up to whole seconds, and at
   * least five of them. One whose program has gone, as the server knows, counts as lost after five seconds, or
   * after fifteen if this program was disconnected as well. Workers in turn keep the calls of this program for
   * as long when it is not connected, and at least for 30 s.
   *
   * @default {30_000}
   */
  lostAfter?: number | undefined;
}

// A worker whose connection was cut has connected anew by then.
const DISCONNECTED_SECONDS = 5;

/**
 * Runs functions on other machines: in the workers of a queue, which share a server of NATS with this
 * program. The server needs JetStream. Start workers, on any machine, with
 * `deno run … jsr:@amltk/scheduling@^0.1/nats-worker --servers … --queue …`; they may come and go at any time.
 *
 * A call starts at most once. What has not begun when a worker is lost goes to another one; what has begun
 * fails with `WorkerLostError`: `reason` is `"died"` if the program of the worker has gone, `"unreachable"` if
 * it has not answered for long, and what it is elsewhere if only the call's own thread or process has ended.
 * If the server loses what it has stored, every unsettled call fails with `BrokerLostError`. A restart of the
 * server, and a network that is cut for less than `lostAfter`, lose nothing.
 *
 * Values cross as they do to processes; one may take 1 GiB. `transfer()` copies. Limits of CPU time and memory
 * need workers that were started with `--processes`: calls with such limits wait for one.
 *
 * @example A scheduler for the workers of a queue
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { assertEquals } from "@std/assert";
 *
 * const executor = new NatsExecutor({ connect: "nats://broker.example:4222", queue: "train" });
 * const scheduler = new Scheduler(executor);
 * const task = scheduler.task((depth: number) => depth * 2);
 * scheduler.onStart(() => {
 *   task.submit(21);
 * });
 * task.onResult((_future, result) => console.log(result));
 * assertEquals(scheduler.name, "Scheduler");
 * ```
 *
 * @category Executors
 */
export class NatsExecutor implements Executor {
  /** The name of the executor. */
  readonly name = "NatsExecutor";
  /** How many calls may run at a time: `maxConcurrent`. */
  readonly workerCount: number;
  /** The limits that it enforces, those of CPU time and memory on workers with processes. */
  readonly limits: readonly LimitName[] = ["wallTime", "cpuTime", "memory"];
  /** It honours limits, priorities and messages, and output if its option `output` is `"event"`. */
  readonly features: readonly ExecutorFeature[];
  readonly #options: NatsExecutorOptions;
  readonly #functions = new FunctionTable();
  readonly #values = new SharedValues();
  readonly #table = new WorkerTable();
  #run: RemoteRun | undefined;
  #output: OutputListener | undefined;

  /**
   * Creates an executor. It connects when a run starts.
   *
   * @param options The options.
   * @throws {TypeError} when an option is wrong or missing, or unknown.
   * @throws {RangeError} when a number is out of range.
   */
  constructor(options: NatsExecutorOptions) {
    const own = ownOptions("A NatsExecutor", options, OPTIONS);
    const { maxConcurrent = Infinity, lostAfter = 30_000 } = own;
    checkConnect(own.connect);
    checkQueue(own.queue);
    checkCodeVersion(own.codeVersion);
    checkCountOrInfinity("maxConcurrent", maxConcurrent);
    checkDuration("lostAfter", lostAfter);
    startSettings(own);
    this.workerCount = maxConcurrent;
    this.features = featuresWith(own);
    this.#options = { ...own, lostAfter };
  }

  /**
   * Refuses a function that cannot cross.
   *
   * @param fn The function.
   * @throws {TypeError} with the reason and a remedy.
   */
  check(fn: TaskFunction): void {
    functionSource(fn);
  }

  /** Connects, and tells the workers of the queue that a run has started. */
  start(): void {
    this.#current();
  }

  /**
   * Captures what calls print, from the next run on.
   *
   * @param listener Takes the texts; undefined to let the workers print.
   */
  captureOutput(listener: OutputListener | undefined): void {
    this.#output = listener;
  }

  /**
   * Returns what the workers of the queue do and have done, those included that get no calls because they run
   * another code version.
   *
   * @returns a record for each worker.
   */
  workers(): WorkerStatistics[] {
    return this.#table.statistics();
  }

  /**
   * Queues a call.
   *
   * @param call The call.
   */
  submit(call: Call): void {
    this.#current().submit(call);
  }

  /**
   * Copies a value to be shared. It is stored on the server when the first call takes it, and each worker
   * fetches it once.
   *
   * @param value The value.
   * @returns the copy.
   * @throws {DOMException} `DataCloneError` if it cannot be cloned.
   */
  share(value: object): object {
    return this.#values.add(copyToOwnMemory(value));
  }

  /**
   * Removes a shared value from the server and from the workers.
   *
   * @param value The object that `share()` returned.
   */
  release(value: object): void {
    const id = this.#values.delete(value);
    if (id !== undefined) this.#run?.release(id);
  }

  /**
   * Takes back pending calls, after their workers have answered.
   *
   * @param calls Submitted calls.
   * @returns a promise of those that have not begun.
   */
  takeBack(calls: readonly Call[]): Promise<Call[]> {
    return this.#run?.takeBack(calls) ?? Promise.resolve([]);
  }

  /**
   * Keeps a call from starting, or ends the thread or process that runs it.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    this.#run?.cancel(call);
  }

  /**
   * Tells the workers that the run has ended, removes what it has stored on the server, and closes the
   * connection. The workers go on to serve other runs.
   *
   * @returns a report.
   */
  async shutdown(): Promise<ShutdownReport> {
    const run = this.#run;
    this.#run = undefined;
    await run?.end();
    return { runaways: undefined };
  }

  #current(): RemoteRun {
    if (this.#run !== undefined) return this.#run;
    const { connect, queue, codeVersion, initializer, startTimeout, lostAfter = 0 } = this.#options;
    const run: RemoteRun = new RemoteRun({
      connect,
      queue,
      run: crypto.randomUUID(),
      codeVersion,
      maxSlots: this.workerCount,
      initializer: initializer && functionSource(initializer),
      startTimeout,
      patience: {
        disconnected: DISCONNECTED_SECONDS,
        silent: Math.max(DISCONNECTED_SECONDS, Math.ceil(lostAfter / 1_000)),
      },
      functions: this.#functions,
      values: this.#values,
      table: this.#table,
      output: this.#output,
      onBroken: () => {
        if (this.#run === run) this.#run = undefined;
      },
    });
    return this.#run = run;
  }
}
