/**
 * Every error class that a program may want to catch.
 *
 * @module
 */

/** Thrown by `submit()` and `callLater()` when no run is under way, or the run is ending. */
export class SchedulerNotRunningError extends Error {
  static {
    this.prototype.name = "SchedulerNotRunningError";
  }
}

/** The rejection of `run()` when the scheduler is running already. */
export class SchedulerAlreadyRunningError extends Error {
  static {
    this.prototype.name = "SchedulerAlreadyRunningError";
  }
}

/** Thrown when an event is named that the emitter does not have. */
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

/** The rejection of a future that was cancelled. `cause` is the reason of the signal, if one did it. */
export class FutureCancelledError extends Error {
  static {
    this.prototype.name = "FutureCancelledError";
  }
}

/**
 * Why a worker was lost: it called `Deno.exit()` or `process.exit()` (`"exit"`) or `self.close()`
 * (`"close"`), an error that nobody caught ended it (`"uncaught-error"`), a signal ended its process
 * (`"killed"`), or it vanished without a word (`"died"`).
 */
export type WorkerLostReason = "exit" | "close" | "uncaught-error" | "killed" | "died";

/** What else is known of a lost worker. */
export interface WorkerLostDetails {
  /** The code that the worker exited with. */
  exitCode?: number | undefined;
  /** The signal that ended its process. */
  signal?: string | undefined;
  /** The error that nobody caught. */
  cause?: unknown;
}

/** The failure of a future whose worker ended while it was running the function. */
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
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.reason = reason;
    if (details.exitCode !== undefined) this.exitCode = details.exitCode;
    if (details.signal !== undefined) this.signal = details.signal;
  }
}

/**
 * The failure of every queued future when an executor has no worker left and cannot start another.
 * `cause` is what the last attempt failed with.
 */
export class ExecutorBrokenError extends Error {
  static {
    this.prototype.name = "ExecutorBrokenError";
  }
}

/** The failure of a function of a module whose module cannot be loaded or lacks the export. */
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
 * import { LimitError, Limits, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(() => new Promise(() => {}), { plugins: new Limits({ wallTime: 20 }) });
 * const limits: number[] = [];
 * task.onException((_future, error) => error instanceof LimitError && limits.push(error.limit));
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * await scheduler.run({ onException: [[LimitError, "ignore"]] });
 * assertEquals(limits, [20]);
 * ```
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

/** The failure of a future whose function ran longer than it may; `limit` is in milliseconds. */
export class WallTimeLimitError extends LimitError {
  static {
    this.prototype.name = "WallTimeLimitError";
  }
}

/** The failure of a future that used more CPU time than it may; `limit` is in milliseconds. */
export class CpuTimeLimitError extends LimitError {
  static {
    this.prototype.name = "CpuTimeLimitError";
  }
}

/** The failure of a future that used more memory than it may; `limit` is in bytes. */
export class MemoryLimitError extends LimitError {
  static {
    this.prototype.name = "MemoryLimitError";
  }
}
