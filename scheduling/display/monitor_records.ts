/**
 * What a `QueueMonitor` records.
 *
 * @module
 */

/**
 * The state of a scheduler at one moment.
 *
 * @example The longest queue
 * ```ts
 * import { QueueMonitor, type QueueRecord, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const longest = (records: readonly QueueRecord[]) =>
 *   Math.max(...records.map(({ queueSize }) => queueSize));
 *
 * const scheduler = Scheduler.withSequential();
 * const monitor = new QueueMonitor(scheduler);
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 3]) scheduler.submit((n: number) => n, n);
 * });
 * await scheduler.run();
 * assertEquals(longest(monitor.records), 3);
 * ```
 *
 * @category Statistics
 */
export interface QueueRecord {
  /** Milliseconds since the first record. */
  readonly time: number;
  /** How many futures were unsettled: `queued` and `running` together. */
  readonly queueSize: number;
  /** How many of them waited for a worker. */
  readonly queued: number;
  /** How many of them a worker was running. */
  readonly running: number;
  /**
   * How many workers ran nothing, but could have: those that had started, without the running ones.
   * Workers that start, for the first time or after a loss, do not count. If the executor does not report
   * its workers, all that it may have count. 0 between runs, and if the executor has no maximum.
   */
  readonly idle: number;
  /** How many futures have had a result since the first record. */
  readonly finished: number;
  /** How many futures have had an exception since the first record. */
  readonly failed: number;
  /** How many futures were cancelled since the first record. */
  readonly cancelled: number;
}

/**
 * How one attempt of a call ended: with a result; with an exception; it was cancelled while it ran
 * (`"cancelled"`); its worker was lost (`"lost"`); it failed and was tried again (`"retried"`). Or it
 * still runs (`"running"`).
 *
 * @example Count the attempts that failed
 * ```ts
 * import { type AttemptOutcome, QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const bad: readonly AttemptOutcome[] = ["exception", "lost", "retried"];
 * const monitor = new QueueMonitor(Scheduler.withSequential());
 * assertEquals(monitor.calls.filter(({ outcome }) => bad.includes(outcome)).length, 0);
 * ```
 *
 * @category Statistics
 */
export type AttemptOutcome =
  | "result"
  | "exception"
  | "cancelled"
  | "lost"
  | "retried"
  | "running";

/**
 * One attempt of a call, or several short ones of a worker that ended alike. A call that never started
 * has no record.
 *
 * @example How long each call took
 * ```ts
 * import { type AttemptRecord, QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const line = ({ task, worker, attempt, outcome }: AttemptRecord) =>
 *   `${task} on worker ${worker}, attempt ${attempt}: ${outcome}`;
 *
 * const scheduler = Scheduler.withSequential();
 * const monitor = new QueueMonitor(scheduler);
 * const double = scheduler.task((n: number) => n * 2, { name: "double" });
 * scheduler.onStart(() => {
 *   double.submit(21);
 * });
 * await scheduler.run();
 * assertEquals(monitor.calls.map(line), ["double on worker 1, attempt 1: result"]);
 * ```
 *
 * @category Statistics
 */
export interface AttemptRecord {
  /** The name of the task; undefined for calls of several tasks. */
  readonly task: string | undefined;
  /** The id of its future; of several calls, that of the first. */
  readonly future: number;
  /** The number of its worker; undefined for executors that do not number their workers. */
  readonly worker: number | undefined;
  /** Which attempt it is, from 1; of several calls, that of the first. */
  readonly attempt: number;
  /** When its function started, in milliseconds since the first record. */
  readonly start: number;
  /** When it ended, or when the record was read if it is running, in milliseconds since the first record. */
  readonly end: number;
  /** How it ended. */
  readonly outcome: AttemptOutcome;
  /** How many calls it stands for. */
  readonly count: number;
  /** For how many milliseconds they ran; less than from `start` to `end` if there are pauses in between. */
  readonly runningTime: number;
}

/**
 * A worker, or several of one number, that ended though nobody had asked it to.
 *
 * @example Which workers were lost
 * ```ts
 * import { type LossRecord, QueueMonitor, Scheduler, WorkerLostError } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const text = ({ worker, count }: LossRecord) => `worker ${worker}: ${count}`;
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const monitor = new QueueMonitor(scheduler);
 * scheduler.onStart(() => {
 *   scheduler.submit(() => Deno.exit(1));
 * });
 * await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
 * assertEquals(monitor.losses.map(text), ["worker 1: 1"]);
 * ```
 *
 * @category Statistics
 */
export interface LossRecord {
  /** When it was noticed, at an event of the scheduler, in milliseconds since the first record. */
  readonly time: number;
  /** The number of the worker. */
  readonly worker: number;
  /** How many workers of this number it stands for. */
  readonly count: number;
}
