/**
 * Every error class that a program may want to catch.
 *
 * @module
 */

/**
 * Thrown by `submit()` and `callLater()` when no run is under way, or the run is ending; the
 * rejection of a `once()` whose event has not come when the run ends. One that leaves a callback
 * while the run is ending is no error of the run.
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
 * The rejection of `run()` when the scheduler is running already; the run that is under way goes on.
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
 * Thrown when an event is named that the emitter does not have.
 *
 * @example A name that no type has checked
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
   * Says which names there are.
   *
   * @param event The name that was asked for.
   * @param emitter The name of the emitter.
   * @param known The names that the emitter has.
   */
  constructor(event: string, emitter: string, known: readonly string[]) {
    super(`${emitter} has no event "${event}": it has ${known.join(", ") || "none"}`);
    this.event = event;
    this.known = known;
  }
}

/**
 * The rejection of a future that was cancelled. `cause` is the reason of the signal, if one did it.
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
 * Why a worker was lost: it called `Deno.exit()` or `process.exit()` (`"exit"`) or `self.close()`
 * (`"close"`), an error that nobody caught ended it (`"uncaught-error"`), a signal ended its process
 * (`"killed"`), or it vanished without a word (`"died"`).
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
  | "undeliverable";

/**
 * What else is known of a lost worker.
 *
 * @example What an executor tells
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
  /** The code that the worker exited with. */
  exitCode?: number | undefined;
  /** The signal that ended its process. */
  signal?: string | undefined;
  /** The error that nobody caught. */
  cause?: unknown;
}

/**
 * The failure of a future whose worker ended while it was running the function. No other future fails
 * by it, save one whose buffers have moved to that worker: the worker is replaced.
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
  /** The code that the worker exited with, where there is one. */
  declare readonly exitCode?: number;
  /** The signal that ended its process, where there is one. */
  declare readonly signal?: string;

  /**
   * Says what is known of the loss.
   *
   * @param message What happened.
   * @param reason Why the worker was lost.
   * @param details Exit code and cause, where they are known.
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
 * `cause` is what the last attempt failed with.
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
 * The failure of a function of a module whose module cannot be loaded or lacks the export.
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
   * Says which function of which module.
   *
   * @param message What happened.
   * @param url The module's URL.
   * @param exportName The name of the exported function.
   * @param options The error that the module failed with, as `cause`.
   */
  constructor(message: string, url: string, exportName: string, options?: ErrorOptions) {
    super(message, options);
    this.url = url;
    this.exportName = exportName;
  }
}

/**
 * The failure of a future that reached a limit: the base of the three that there are.
 *
 * @example Go on whatever limit was reached
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
   * Says which limit was reached.
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
 * The failure of a future whose function ran longer than it may; `limit` is in milliseconds.
 *
 * @example What takes too long
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
 * The failure of a future that used more CPU time than it may; `limit` is in milliseconds.
 *
 * @example What computes too long
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
 * The failure of a future that used more memory than it may; `limit` is in bytes.
 *
 * @example What keeps too much
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
