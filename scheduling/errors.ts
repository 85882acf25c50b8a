/**
 * The error classes that a program may catch.
 *
 * @module
 */

/**
 * Thrown by `submit()` and `callLater()` outside of a run and while a run is ending, and the
 * rejection of a `once()`, a `whenBelow()` or an iteration of `map()` that was pending when the run
 * ended. The policy ignores it when a callback throws it while the run is ending; even so, it ends
 * that callback.
 *
 * @example Submit too early
 * ```ts
 * import { Scheduler, SchedulerNotRunningError } from "@amltk/scheduling";
 * import { assertThrows } from "@std/assert";
 *
 * const task = Scheduler.withWorkers(1).task((n: number) => n);
 * assertThrows(() => task.submit(1), SchedulerNotRunningError, "onStart");
 * ```
 *
 * @category Errors
 */
export class SchedulerNotRunningError extends Error {
  static {
    this.prototype.name = "SchedulerNotRunningError";
  }
}

/**
 * The rejection of `run()` while the scheduler is running. The current run continues.
 *
 * @example Run twice at once
 * ```ts
 * import { Scheduler, SchedulerAlreadyRunningError } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const first = scheduler.run();
 * await assertRejects(() => scheduler.run(), SchedulerAlreadyRunningError);
 * assertEquals((await first).code, "exhausted");
 * ```
 *
 * @category Errors
 */
export class SchedulerAlreadyRunningError extends Error {
  static {
    this.prototype.name = "SchedulerAlreadyRunningError";
  }
}

/**
 * Thrown for an event name that the emitter does not have.
 *
 * @example A name that was not checked by types
 * ```ts
 * import { Emitter, EventNotKnownError } from "@amltk/scheduling";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const crawler = new Emitter<{ found: [] }>({ name: "crawler", events: ["found"] });
 * const name = JSON.parse('"lost"');
 * const error = assertThrows(() => crawler.emit(name), EventNotKnownError);
 * assertEquals([error.event, error.known], ["lost", ["found"]]);
 * ```
 *
 * @category Errors
 */
export class EventNotKnownError extends Error {
  static {
    this.prototype.name = "EventNotKnownError";
  }

  /** The name that was asked for. */
  readonly event: string;
  /** The names that the emitter has. */
  readonly known: readonly string[];

  /**
   * Makes an error that lists the known names.
   *
   * @param event The name that was asked for.
   * @param emitter The name of the emitter.
   * @param known The names that the emitter has.
   * @param remedy What to do to have the event, if something can be done.
   */
  constructor(event: string, emitter: string, known: readonly string[], remedy?: string) {
    const names = `it has ${known.join(", ") || "none"}`;
    super(`${emitter} has no event "${event}": ${remedy ?? names}`);
    this.event = event;
    this.known = known;
  }
}

/**
 * The rejection of a cancelled future. If a signal cancelled it, `cause` is the reason of the
 * signal.
 *
 * @example Cancelled by a signal
 * ```ts
 * import { FutureCancelledError, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task(() => "never called");
 * scheduler.onStart(async () => {
 *   const signal = AbortSignal.abort("no longer wanted");
 *   const future = task.with({ signal }).submit();
 *   const error = await assertRejects(() => future, FutureCancelledError);
 *   assertEquals(error.cause, "no longer wanted");
 * });
 * await scheduler.run();
 * assertEquals(task.eventCounts.cancelled, 1);
 * ```
 *
 * @category Errors
 */
export class FutureCancelledError extends Error {
  static {
    this.prototype.name = "FutureCancelledError";
  }
}

/**
 * The rejection of an iteration of `task.map()` when a plugin declines the call for an item.
 *
 * @example More items than a limit allows
 * ```ts
 * import { Limiter, Scheduler, SubmissionDeclinedError } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 2 }) });
 * scheduler.onStart(async () => {
 *   const results = task.map([1, 2, 3]);
 *   assertEquals([(await results.next()).value, (await results.next()).value], [1, 2]);
 *   const error = await assertRejects(() => results.next(), SubmissionDeclinedError);
 *   assertEquals(error.args, [3]);
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Errors
 */
export class SubmissionDeclinedError extends Error {
  static {
    this.prototype.name = "SubmissionDeclinedError";
  }

  /** The arguments of the call. */
  readonly args: readonly unknown[];

  /**
   * Says which task it was, and how to go on.
   *
   * @param task The name of the task.
   * @param args The arguments of the call.
   */
  constructor(task: string, args: readonly unknown[]) {
    super(
      `A plugin of ${task} declined the call for an item of map(): to have fewer calls at a time, ` +
        `set the option concurrency of map()`,
    );
    this.args = args;
  }
}

/**
 * What a message of a call meets whose channel is closed: `comm.send()` throws it after the function has
 * ended, and `comm.request()` rejects with it when the run ends and nobody will answer. A task that fails
 * with it is no error of the run.
 *
 * @example A question that nobody answers
 * ```ts
 * import { Comm, CommClosedError, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const ask = scheduler.task((comm: WorkerComm<{ asked: string; answered: string }>) => {
 *   return comm.request("May I?");
 * }, { plugins: new Comm() });
 * ask.on("comm-request", () => scheduler.stop());
 * ask.onException((_future, error) => assert(error instanceof CommClosedError));
 * scheduler.onStart(() => {
 *   ask.submit();
 * });
 * assertEquals((await scheduler.run()).code, "stopped");
 * ```
 *
 * @category Errors
 */
export class CommClosedError extends Error {
  static {
    this.prototype.name = "CommClosedError";
  }
}

/**
 * Why a worker was lost: it called `Deno.exit()` or `process.exit()` (`"exit"`) or `self.close()`
 * (`"close"`), an uncaught error ended it (`"uncaught-error"`), a signal ended its process
 * (`"killed"`), or it ended for an unknown reason (`"died"`). `"unreachable"`: the program of a worker on
 * another machine has not answered for long, because it was stopped or the network was cut.
 * `"undeliverable"`: each worker ended before it started the call, several times in a row.
 *
 * @example A worker that a task closes
 * ```ts
 * import { Scheduler, WorkerLostError, type WorkerLostReason } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(() => self.close());
 * const reasons: WorkerLostReason[] = [];
 * task.onException((_future, error) => {
 *   if (error instanceof WorkerLostError) reasons.push(error.reason);
 * });
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
 * assertEquals(reasons, ["close"]);
 * ```
 *
 * @category Errors
 */
export type WorkerLostReason =
  | "exit"
  | "close"
  | "uncaught-error"
  | "killed"
  | "died"
  | "unreachable"
  | "undeliverable";

/**
 * Further details about a lost worker.
 *
 * @example An error of a custom executor
 * ```ts
 * import { type WorkerLostDetails, WorkerLostError } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const details: WorkerLostDetails = { signal: "SIGKILL" };
 * const error = new WorkerLostError("The process was killed", "killed", details);
 * assertEquals([error.reason, error.signal, error.exitCode], ["killed", "SIGKILL", undefined]);
 * ```
 *
 * @category Errors
 */
export interface WorkerLostDetails {
  /** The exit code of the worker. */
  exitCode?: number | undefined;
  /** The signal that ended its process. */
  signal?: string | undefined;
  /** The uncaught error. */
  cause?: unknown;
}

/**
 * The failure of a future whose worker ended while it ran the function. The worker is replaced, and
 * its other calls run elsewhere; only those whose buffers have moved to the lost worker fail too.
 *
 * @example A task that ends its worker
 * ```ts
 * import { Scheduler, WorkerLostError } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const exits = scheduler.task(() => Deno.exit(3));
 * scheduler.onStart(() => {
 *   exits.submit();
 * });
 * const error = await assertRejects(() => scheduler.run(), WorkerLostError);
 * assertEquals([error.reason, error.exitCode], ["exit", 3]);
 * ```
 *
 * @category Errors
 */
export class WorkerLostError extends Error {
  static {
    this.prototype.name = "WorkerLostError";
  }

  /** Why the worker was lost. */
  readonly reason: WorkerLostReason;
  /** The exit code of the worker, if there is one. */
  declare readonly exitCode?: number;
  /** The signal that ended its process, if there is one. */
  declare readonly signal?: string;

  /**
   * Makes an error with the details of the loss.
   *
   * @param message What happened.
   * @param reason Why the worker was lost.
   * @param details Exit code, signal and cause, if they are known.
   */
  constructor(message: string, reason: WorkerLostReason, details: WorkerLostDetails = {}) {
    const own: WorkerLostDetails = Object.assign(Object.create(null), details);
    super(message, "cause" in own ? { cause: own.cause } : undefined);
    this.reason = reason;
    if (own.exitCode !== undefined) this.exitCode = own.exitCode;
    if (own.signal !== undefined) this.signal = own.signal;
  }
}

/**
 * The failure of every queued future when an executor has no worker left and cannot start another.
 * `cause` is the error of the last attempt.
 *
 * @example Workers that cannot start
 * ```ts
 * import { ExecutorBrokenError, Scheduler } from "@amltk/scheduling";
 * import { assertInstanceOf, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1, {
 *   initializer: () => {
 *     throw new RangeError("no data");
 *   },
 * });
 * scheduler.onStart(() => {
 *   scheduler.submit(() => "never called");
 * });
 * const error = await assertRejects(() => scheduler.run(), ExecutorBrokenError);
 * assertInstanceOf(error.cause, RangeError);
 * ```
 *
 * @category Errors
 */
export class ExecutorBrokenError extends Error {
  static {
    this.prototype.name = "ExecutorBrokenError";
  }
}

/**
 * The failure of every unsettled future when the server that connects the scheduler to its workers has lost
 * what it had stored, or cannot be reached at all: what the workers do can no longer be known. `cause` is
 * the error of the connection, if there is one.
 *
 * @example A server that cannot be reached
 * ```ts
 * import { BrokerLostError, Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { assertRejects } from "@std/assert";
 *
 * const connect = () => Promise.reject(new Error("no network"));
 * const scheduler = new Scheduler(new NatsExecutor({ connect, queue: "train" }));
 * scheduler.onStart(() => {
 *   scheduler.submit(() => "never called");
 * });
 * await assertRejects(() => scheduler.run(), BrokerLostError, "no network");
 * ```
 *
 * @category Errors
 */
export class BrokerLostError extends ExecutorBrokenError {
  static {
    this.prototype.name = "BrokerLostError";
  }
}

/**
 * The failure of a future whose module cannot be loaded or does not export the function.
 *
 * @example A function that the module does not export
 * ```ts
 * import { fromModule, ModuleLoadError, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const url = "data:text/javascript,export const other = () => 1;";
 * const { train } = fromModule<{ train(): number }>(url);
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(() => {
 *   scheduler.submit(train);
 * });
 * const error = await assertRejects(() => scheduler.run(), ModuleLoadError);
 * assertEquals([error.url, error.exportName], [url, "train"]);
 * ```
 *
 * @category Errors
 */
export class ModuleLoadError extends Error {
  static {
    this.prototype.name = "ModuleLoadError";
  }

  /** The module's URL. */
  readonly url: string;
  /** The name of the exported function. */
  readonly exportName: string;

  /**
   * Makes an error about one function of a module.
   *
   * @param message What happened.
   * @param url The module's URL.
   * @param exportName The name of the exported function.
   * @param options `cause` is the error that loading the module failed with.
   */
  constructor(message: string, url: string, exportName: string, options?: ErrorOptions) {
    super(message, options);
    this.url = url;
    this.exportName = exportName;
  }
}

/**
 * The failure of a future that reached a limit: the base class of the errors of all limits.
 *
 * @example Ignore every limit error
 * ```ts
 * import { LimitError, ResourceLimits, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(() => new Promise(() => {}), {
 *   plugins: new ResourceLimits({ wallTime: 20 }),
 * });
 * const limits: number[] = [];
 * task.onException((_future, error) => error instanceof LimitError && limits.push(error.limit));
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * await scheduler.run({ onException: [[LimitError, "ignore"]] });
 * assertEquals(limits, [20]);
 * ```
 *
 * @category Errors
 */
export class LimitError extends Error {
  static {
    this.prototype.name = "LimitError";
  }

  /** The limit that was reached, in milliseconds or bytes. */
  readonly limit: number;

  /**
   * Makes an error about a limit.
   *
   * @param message What happened.
   * @param limit The limit, in milliseconds or bytes.
   */
  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}

/**
 * The failure of a future that reached its limit of elapsed time; `limit` is in milliseconds.
 *
 * @example A function that never ends
 * ```ts
 * import { ResourceLimits, Scheduler, WallTimeLimitError } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(() => new Promise(() => {}), {
 *   plugins: new ResourceLimits({ wallTime: 20 }),
 * });
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * const error = await assertRejects(() => scheduler.run(), WallTimeLimitError);
 * assertEquals(error.limit, 20);
 * ```
 *
 * @category Errors
 */
export class WallTimeLimitError extends LimitError {
  static {
    this.prototype.name = "WallTimeLimitError";
  }
}

/**
 * The failure of a future that reached its limit of CPU time; `limit` is in milliseconds.
 *
 * @example A function that computes for ever
 * ```ts
 * import { CpuTimeLimitError, ProcessExecutor, ResourceLimits, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const executor = new ProcessExecutor(1);
 * // On Windows it does not enforce this.
 * if (executor.limits.includes("cpuTime")) {
 *   const scheduler = new Scheduler(executor);
 *   const spin = scheduler.task(() => {
 *     for (;;);
 *   }, { plugins: new ResourceLimits({ cpuTime: 100 }) });
 *   scheduler.onStart(() => {
 *     spin.submit();
 *   });
 *   const error = await assertRejects(() => scheduler.run(), CpuTimeLimitError);
 *   assertEquals(error.limit, 100);
 * }
 * ```
 *
 * @category Errors
 */
export class CpuTimeLimitError extends LimitError {
  static {
    this.prototype.name = "CpuTimeLimitError";
  }
}

/**
 * The failure of a future that reached its limit of memory; `limit` is in bytes.
 *
 * @example A function that hoards memory
 * ```ts
 * import { MemoryLimitError, ProcessExecutor, ResourceLimits, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const executor = new ProcessExecutor(1);
 * // On Windows it does not enforce this.
 * if (executor.limits.includes("memory")) {
 *   const scheduler = new Scheduler(executor);
 *   const hoard = scheduler.task(() => {
 *     for (const kept: unknown[] = [];;) kept.push(new Uint8Array(2 ** 20).fill(1));
 *   }, { plugins: new ResourceLimits({ memory: "64 MiB" }) });
 *   scheduler.onStart(() => {
 *     hoard.submit();
 *   });
 *   const error = await assertRejects(() => scheduler.run(), MemoryLimitError);
 *   assertEquals(error.limit, 64 * 2 ** 20);
 * }
 * ```
 *
 * @category Errors
 */
export class MemoryLimitError extends LimitError {
  static {
    this.prototype.name = "MemoryLimitError";
  }
}
