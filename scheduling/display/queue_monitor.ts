/**
 * Records what a scheduler does, for charts and tables.
 *
 * @module
 */

import { checkCount, ownOptions, show } from "../_base/check.ts";
import { defineDisplay, defineInspect } from "../_base/inspect.ts";
import { requireReceiver } from "../_base/require_receiver.ts";
import { now } from "../_base/time.ts";
import { type Future, outcomeOf } from "../future.ts";
import { runningCountOf, Scheduler } from "../scheduler.ts";
import { AttemptWatch, RunningCalls, WorkerWatch } from "./_monitor_watch.ts";
import { monitorHtml } from "./_to_html.ts";
import { LossHistory, QueueHistory, toCSV } from "./_monitor_history.ts";
import type { AttemptRecord, LossRecord, QueueRecord } from "./monitor_records.ts";

const FEWEST_RECORDS = 100;
const MOST_RECORDS = 10_000;
// Looking at the workers takes longer than the rest, so bursts of events share one look.
const LOOK_MS = 0.1;
const HIDDEN = { hidden: true };

/**
 * Options of {@linkcode QueueMonitor}.
 *
 * @example Fewer records
 * ```ts
 * import { QueueMonitor, type QueueMonitorOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: QueueMonitorOptions = { maxRecords: 1000 };
 * const monitor = new QueueMonitor(Scheduler.withSequential(), options);
 * assertEquals(monitor.records, []);
 * ```
 *
 * @category Statistics
 */
export interface QueueMonitorOptions {
  /**
   * How many records of each kind are kept, at least 100. Beyond that, older ones are thinned out or
   * merged.
   *
   * @default {10_000}
   */
  maxRecords?: number | undefined;
}

/**
 * Records the queue of a scheduler at its events, and each attempt of a call: what `toSVG()` of
 * `@amltk/scheduling/plots` draws.
 *
 * It makes a record when a run starts and ends, when a future is submitted, is tried again and settles;
 * and one for the time at which a call started. When it learns of a start later, it corrects the records
 * since then, so `running` is the number of attempts that ran at that time. Several runs make one series.
 *
 * Memory is bounded: of `maxRecords` records, the newest are kept as they are. Of older ones, the first
 * record is kept, and of each stretch of time those with the longest and the shortest queue, with the
 * most and the fewest running calls, and the last; so peaks and counts stay exact. Attempts that are
 * shorter than such a stretch are merged if they belong to the same worker and ended alike.
 *
 * The subscriptions are hidden from the tree. They end when the monitor is disposed of; its records
 * stay.
 *
 * @example Record a run
 * ```ts
 * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * using monitor = new QueueMonitor(scheduler);
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 3]) scheduler.submit((n: number) => n, n);
 * });
 * await scheduler.run();
 *
 * const { queueSize, finished, failed } = monitor.records.at(-1) ?? {};
 * assertEquals([queueSize, finished, failed], [0, 3, 0]);
 * assertEquals(monitor.calls.map(({ outcome }) => outcome), ["result", "result", "result"]);
 * ```
 *
 * @category Statistics
 */
export class QueueMonitor implements Disposable {
  readonly #scheduler: Scheduler;
  readonly #queue: QueueHistory;
  readonly #runningCalls: RunningCalls;
  readonly #attempts: AttemptWatch;
  readonly #losses: LossHistory;
  readonly #workers: WorkerWatch;
  readonly #subscriptions: readonly (() => void)[];
  readonly #counts = { finished: 0, failed: 0, cancelled: 0 };
  #origin: number | undefined;
  #lastLook = -Infinity;
  #latest = -Infinity;
  #isRunning: boolean;
  #isDisposed = false;

  /**
   * Begins to record, at the next event or at once if a run is under way.
   *
   * @param scheduler The scheduler.
   * @param options How many records are kept.
   * @throws {RangeError} when `maxRecords` is not an integer of at least 100.
   * @throws {TypeError} when it is not a scheduler, or an option is unknown or of the wrong type.
   */
  constructor(scheduler: Scheduler, options: QueueMonitorOptions = {}) {
    if (!(scheduler instanceof Scheduler)) {
      throw new TypeError(`A QueueMonitor takes a scheduler, not ${show(scheduler)}`);
    }
    const maxRecords = checkedCount(options);
    this.#scheduler = scheduler;
    this.#queue = new QueueHistory(maxRecords);
    this.#runningCalls = new RunningCalls(this.#queue);
    this.#attempts = new AttemptWatch(
      maxRecords,
      (attempt) => this.#ended(attempt),
      () => this.#record(true),
    );
    this.#losses = new LossHistory(maxRecords);
    this.#workers = new WorkerWatch(scheduler.executor);
    this.#isRunning = scheduler.running || !scheduler.empty;
    for (const task of scheduler.tasks) this.#attempts.check(task);
    this.#subscriptions = this.#subscribe();
    if (this.#isRunning) this.#record(true);
  }

  /** How the queue developed, in the order of time; a new array on each access. */
  get records(): readonly QueueRecord[] {
    this.#lookAgain();
    return this.#queue.records;
  }

  /**
   * The attempts that have ended, in the order of their starts, then those that workers are running; a
   * new array on each access.
   */
  get calls(): readonly AttemptRecord[] {
    this.#lookAgain();
    return this.#knownCalls;
  }

  /**
   * The workers that ended though nobody had asked them to, in the order of time, if the executor reports
   * what its workers do; a new array on each access.
   */
  get losses(): readonly LossRecord[] {
    return this.#losses.records;
  }

  /**
   * The time of the first record, on the clock of `performance.now()`, from which all records count;
   * undefined before it.
   */
  get origin(): number | undefined {
    return this.#origin;
  }

  /**
   * The records of the queue as comma-separated values (RFC 4180): a line with the names of the members,
   * then a line for each record, with times in milliseconds.
   *
   * @returns the text; lines end with `"\r\n"`.
   *
   * @example The header
   * ```ts
   * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const monitor = new QueueMonitor(Scheduler.withSequential());
   * const header = "time,queueSize,queued,running,idle,finished,failed,cancelled\r\n";
   * assertEquals(monitor.toCSV(), header);
   * ```
   */
  toCSV(): string {
    return toCSV(this.records);
  }

  /**
   * Makes a record of the present, for a chart of a run that is under way. Without a run, or when the
   * monitor was disposed of, it does nothing.
   *
   * @example What is queued now
   * ```ts
   * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * const monitor = new QueueMonitor(scheduler);
   * scheduler.onStart(() => {
   *   scheduler.submit(() => "done");
   *   monitor.update();
   *   assertEquals(monitor.records.at(-1)?.queued, 1);
   * });
   * await scheduler.run();
   * ```
   */
  update(): void {
    if (this.#isRunning && !this.#isDisposed) this.#record(true);
  }

  /**
   * All records, for `JSON.stringify()`.
   *
   * @returns a record of `records`, `calls` and `losses`.
   *
   * @example Records as JSON
   * ```ts
   * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const monitor = new QueueMonitor(Scheduler.withSequential());
   * assertEquals(JSON.stringify(monitor), '{"records":[],"calls":[],"losses":[]}');
   * ```
   */
  toJSON(): {
    records: readonly QueueRecord[];
    calls: readonly AttemptRecord[];
    losses: readonly LossRecord[];
  } {
    const { records, losses } = this;
    // Without another look, in which a call might have started that the records lack.
    return { records, calls: this.#knownCalls, losses };
  }

  /**
   * What notebooks show: a small chart of the queue and the latest counts, as HTML that needs no script
   * and nothing else from elsewhere. `toSVG()` of `@amltk/scheduling/plots` draws much more.
   *
   * @returns a `<div>` with a style of its own.
   *
   * @example A page with the state of a queue
   * ```ts
   * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const monitor = new QueueMonitor(Scheduler.withSequential());
   * assertStringIncludes(monitor.toHTML(), "has no records yet");
   * ```
   */
  toHTML(): string {
    return monitorHtml(this);
  }

  /**
   * Ends the recording; the records stay.
   *
   * @example Record until the end of a block
   * ```ts
   * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const scheduler = Scheduler.withSequential();
   * {
   *   using _monitor = new QueueMonitor(scheduler);
   *   assertEquals(scheduler.hears("future-done"), true);
   * }
   * assertEquals(scheduler.hears("future-done"), false);
   * ```
   */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#attempts[Symbol.dispose]();
  }

  static {
    defineDisplay(this.prototype);
    requireReceiver(this, "monitor");
    defineInspect(this, ({ records, calls, losses }, options, inspect) => {
      const counts = { records: records.length, calls: calls.length, losses: losses.length };
      return `QueueMonitor ${inspect(counts, options)}`;
    });
  }

  get #knownCalls(): readonly AttemptRecord[] {
    return this.#attempts.records(this.#isDisposed ? [] : this.#runningCalls.calls);
  }

  #subscribe(): (() => void)[] {
    const scheduler = this.#scheduler;
    return [
      scheduler.on("start", () => this.#begin(), HIDDEN),
      scheduler.on("future-submitted", (future) => this.#submitted(future), HIDDEN),
      scheduler.on("future-done", (future) => this.#done(future), HIDDEN),
      scheduler.on("future-cancelled", (future) => this.#cancelled(future), HIDDEN),
      scheduler.on("finishing", () => this.#record(true), HIDDEN),
      scheduler.on("finished", () => this.#finish(), HIDDEN),
    ];
  }

  #begin(): void {
    this.#isRunning = true;
    this.#record(true);
  }

  #finish(): void {
    this.#isRunning = false;
    this.#record(true);
  }

  #submitted({ task, submittedAt }: Future): void {
    // A callback of `start` that was registered earlier may have submitted it.
    this.#isRunning = true;
    this.#attempts.check(task);
    this.#record(false, submittedAt);
  }

  #done(future: Future): void {
    const hasFailed = "exception" in (outcomeOf(future) ?? {});
    this.#counts[hasFailed ? "failed" : "finished"]++;
    this.#record(hasFailed, future.settledAt, future);
  }

  #cancelled(future: Future): void {
    this.#counts.cancelled++;
    this.#record(true, future.settledAt, future);
  }

  #record(mustLook: boolean, time: number = now(), settled?: Future): void {
    // A callback that was called before this one may have caused an event that was later.
    const at = Math.max(time, this.#latest);
    this.#latest = at;
    this.#attempts.origin = this.#origin ??= at;
    if (mustLook || at - this.#lastLook >= LOOK_MS) this.#look(at);
    if (settled !== undefined) this.#attempts.settled(settled);
    this.#add(at);
  }

  #ended(attempt: AttemptRecord): void {
    if (this.#workers.workers !== undefined) return this.#runningCalls.ended(attempt);
    // The executor has reported the start at once, so all records but that of the start count the call.
    const { last } = this.#queue;
    const { start, end } = attempt;
    if (last === undefined || start <= last.time || start >= end) return;
    this.#queue.add({ ...last, time: start, running: last.running + 1 });
  }

  #add(at: number): void {
    const { workerCount } = this.#scheduler.executor;
    const { workers, ready = workerCount } = this.#workers;
    const hasIdle = this.#isRunning && workerCount < Infinity;
    this.#queue.add({
      time: at - (this.#origin ?? at),
      queueSize: this.#scheduler.queue.size,
      running: workers === undefined ? runningCountOf(this.#scheduler) : this.#runningCalls.count,
      ready: hasIdle ? ready : 0,
      ...this.#counts,
    });
  }

  // Finds calls that have started since the last event.
  #lookAgain(): void {
    if (!this.#isDisposed) this.#look(now());
  }

  #look(at: number): void {
    this.#lastLook = at;
    this.#latest = Math.max(this.#latest, at);
    const lost = this.#workers.look();
    const origin = this.#origin ?? at;
    const time = at - origin;
    for (const { number, call } of this.#workers.workers ?? []) {
      // Records are in the order of time, and the event to record may be older; the next look sees it.
      if (call === undefined || call.startedAt > at) continue;
      this.#runningCalls.saw(number, { ...call, startedAt: call.startedAt - origin });
    }
    for (const [worker, count] of lost ?? []) this.#losses.add({ time, worker, count });
  }
}

function checkedCount(options: QueueMonitorOptions): number {
  const { maxRecords = MOST_RECORDS } = ownOptions("A QueueMonitor", options, ["maxRecords"]);
  checkCount("maxRecords", maxRecords);
  if (maxRecords < FEWEST_RECORDS) {
    throw new RangeError(`maxRecords must be at least ${FEWEST_RECORDS}, not ${maxRecords}`);
  }
  return maxRecords;
}
