/**
 * Snapshots of emitters, tasks and schedulers: the content of the printed tree, as plain records.
 *
 * @module
 */

import type { WorkerStatistics } from "./executor.ts";
import type { ExitCode } from "./run_options.ts";

/**
 * One callback of an event, or all callbacks with one name and the same options that were
 * unsubscribed by their `limit`. Beyond 16 such groups, callbacks are counted together as
 * `"(others)"`.
 *
 * @example How often each callback was called
 * ```ts
 * import { type CallbackStatistics, Emitter } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new Emitter<{ tick: [] }>({ events: ["tick"] });
 * clock.on("tick", function ring() {}, { repeat: 2 });
 * clock.emit("tick");
 * const line = ({ name, calls }: CallbackStatistics) => `${name} ${calls}`;
 * assertEquals(clock.statistics().events[0]?.callbacks.map(line), ["ring 2"]);
 * ```
 *
 * @category Statistics
 */
export interface CallbackStatistics {
  /** The name of the function. */
  readonly name: string;
  /** How often it was called, or all of the group together. */
  readonly calls: number;
  /** The options that differ from their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * One event of an emitter.
 *
 * @example The events without listeners
 * ```ts
 * import { Emitter, type EventStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const unheard = ({ callbacks }: EventStatistics) => callbacks.length === 0;
 * const cache = new Emitter<{ hit: []; miss: [] }>({ events: ["hit", "miss"] });
 * cache.on("miss", () => {});
 * assertEquals(cache.statistics().events.filter(unheard).map(({ name }) => name), ["hit"]);
 * ```
 *
 * @category Statistics
 */
export interface EventStatistics {
  /** The name of the event. */
  readonly name: string;
  /** How often it was emitted. */
  readonly count: number;
  /** Its callbacks in order of registration, without the hidden ones. */
  readonly callbacks: readonly CallbackStatistics[];
}

/**
 * An emitter.
 *
 * @example A line for each emitter
 * ```ts
 * import { Emitter, type EmitterStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function line({ name, events }: EmitterStatistics): string {
 *   return `${name}: ${events.map((event) => `${event.name} ${event.count}`).join(", ")}`;
 * }
 *
 * const cache = new Emitter<{ hit: []; miss: [] }>({ name: "cache", events: ["hit", "miss"] });
 * cache.emit("hit");
 * assertEquals(line(cache.statistics()), "cache: hit 1, miss 0");
 * ```
 *
 * @category Statistics
 */
export interface EmitterStatistics {
  /** The name of the emitter. */
  readonly name: string;
  /** Its events, in the order in which they were added. */
  readonly events: readonly EventStatistics[];
}

/**
 * A plugin of a task.
 *
 * @example The use of a limit
 * ```ts
 * import { Limiter, type PluginStatistics, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const task = Scheduler.withWorkers(1).task(() => 1, { plugins: new Limiter({ maxCalls: 5 }) });
 * const [limiter]: readonly PluginStatistics[] = task.statistics().plugins;
 * assertEquals(limiter, { name: "limiter", details: { maxCalls: "0/5" } });
 * ```
 *
 * @category Statistics
 */
export interface PluginStatistics {
  /** The name of the plugin. */
  readonly name: string;
  /** The record that its `statistics()` returns, such as limits and counts. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * A task.
 *
 * @example The task with the longest queue
 * ```ts
 * import { Scheduler, type TaskStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function busiest(tasks: readonly TaskStatistics[]): string | undefined {
 *   return tasks.toSorted((a, b) => b.queueSize - a.queueSize)[0]?.name;
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.task((n: number) => n, { name: "idle" });
 * const busy = scheduler.task((n: number) => n, { name: "busy" });
 * const seen: (string | undefined)[] = [];
 * scheduler.onStart(() => {
 *   busy.submit(1);
 *   seen.push(busiest(scheduler.statistics().tasks));
 * });
 * await scheduler.run();
 * assertEquals(seen, ["busy"]);
 * ```
 *
 * @category Statistics
 */
export interface TaskStatistics extends EmitterStatistics {
  /** The name and module of the function, or its source in one line. */
  readonly function: string;
  /** Its plugins, in the order in which they see submissions. */
  readonly plugins: readonly PluginStatistics[];
  /** The number of its unsettled futures. */
  readonly queueSize: number;
  /** How many of them are held back: they wait for futures among their arguments, or for a plugin. */
  readonly held: number;
  /** The tasks, or functions without a task, for whose futures held calls wait. */
  readonly waitsFor: readonly string[];
  /** How long its calls have run, from the start of the function until the future settled. */
  readonly runningTime: TimeStatistics;
}

/**
 * In which phase a scheduler is: its run takes submissions, its run has been decided to end and waits
 * for what is left, or it has no run.
 *
 * @example The phases of a run
 * ```ts
 * import { type RunPhase, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const phases: RunPhase[] = [];
 * const note = () => phases.push(scheduler.statistics().phase);
 * scheduler.onStart(note);
 * scheduler.onFinishing(note);
 * await scheduler.run();
 * note();
 * assertEquals(phases, ["running", "finishing", "not running"]);
 * ```
 *
 * @category Statistics
 */
export type RunPhase = "running" | "finishing" | "not running";

/**
 * What a run that is finishing waits for, one after the other: calls, the end of the workers, async
 * callbacks.
 *
 * @example What keeps a run
 * ```ts
 * import { type RunWait, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const texts: Record<RunWait, string> = {
 *   calls: "for running calls",
 *   workers: "for workers to end",
 *   callbacks: "for callbacks",
 * };
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(() => {
 *   const call = scheduler.submit(() => new Promise((resolve) => setTimeout(resolve, 50)));
 *   scheduler.callLater(1, function stopWhenRunning() {
 *     if (call.state === "running") scheduler.stop();
 *     else scheduler.callLater(1, stopWhenRunning);
 *   });
 * });
 * scheduler.onFinishing(() => {
 *   const { waitsFor } = scheduler.statistics();
 *   assertEquals(waitsFor && texts[waitsFor], "for running calls");
 * });
 * assertEquals((await scheduler.run()).code, "stopped");
 * ```
 *
 * @category Statistics
 */
export type RunWait = "calls" | "workers" | "callbacks";

/**
 * How the last run of a scheduler ended, whether `run()` resolved or rejected.
 *
 * @example A run that an error ended
 * ```ts
 * import { type LastExit, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => new Array(-1));
 * });
 * await scheduler.run().catch(() => {});
 * const last: LastExit | undefined = scheduler.statistics().lastExit;
 * assertEquals(last, { code: "exception", error: "RangeError: Invalid array length" });
 * ```
 *
 * @category Statistics
 */
export interface LastExit {
  /** Why it ended, as in the exit state. */
  readonly code: ExitCode;
  /** The message that `stop()` was given, if any. */
  readonly message?: string;
  /** The error that ended it, as text; not there if none did. */
  readonly error?: string;
}

/**
 * How long calls take: two percentiles, in milliseconds, undefined until there are calls. They are off
 * by at most 1.6 %; less than a microsecond counts as 0. All calls of a scheduler count, the last
 * 10,000 to 20,000 the most: each further 10,000 halve the weight of those before them.
 *
 * @example Is it slow?
 * ```ts
 * import { Scheduler, type TimeStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const isSlow = ({ p99 = 0 }: TimeStatistics) => p99 > 60_000;
 *
 * const scheduler = Scheduler.withWorkers(1);
 * scheduler.onStart(() => {
 *   scheduler.submit(() => 1);
 * });
 * await scheduler.run();
 * assertEquals(isSlow(scheduler.statistics().runningTime), false);
 * ```
 *
 * @category Statistics
 */
export interface TimeStatistics {
  /** Half of the calls took no longer. */
  readonly median: number | undefined;
  /** The 99th percentile: of a hundred calls, 99 took no longer. */
  readonly p99: number | undefined;
}

/**
 * Async callbacks of one event that have not settled: all of one function, or the iterations of
 * `task.map()`, whose event is `"map"` and whose name is that of the task.
 *
 * @example What a run waits for
 * ```ts
 * import { type CallbackUnderWay, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const line = ({ event, name, count }: CallbackUnderWay) => `${count} × ${name}() of ${event}`;
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(async function save() {
 *   await Promise.resolve();
 *   assertEquals(scheduler.statistics().callbacksUnderWay.map(line), ["1 × save() of start"]);
 * });
 * await scheduler.run();
 * ```
 *
 * @category Statistics
 */
export interface CallbackUnderWay {
  /** The event that called them. */
  readonly event: string;
  /** The name of the function. */
  readonly name: string;
  /** How many have not settled. */
  readonly count: number;
  /** Since when there has been one without a pause, on the clock of `performance.now()`. */
  readonly since: number;
}

/**
 * A future that has settled.
 *
 * @example What has happened just now
 * ```ts
 * import { type RecentFuture, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const line = ({ task, args, state }: RecentFuture) => `${task}(${args}): ${state}`;
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((name: string, size: number) => name.repeat(size), { name: "repeat" });
 * scheduler.onStart(() => {
 *   task.submit("ab", 2);
 * });
 * await scheduler.run();
 * assertEquals(scheduler.statistics().recentFutures.map(line), ['repeat("ab", 2): result']);
 * ```
 *
 * @category Statistics
 */
export interface RecentFuture {
  /** The id of the future. */
  readonly id: number;
  /** The name of its task, or of its function. */
  readonly task: string;
  /**
   * What `submit()` was given, as a short text. `"…"` if objects are among the arguments and the future has
   * been collected as garbage meanwhile.
   */
  readonly args: string;
  /** How it settled. */
  readonly state: "result" | "exception" | "cancelled";
  /** What it failed with, as a short text. */
  readonly error?: string;
  /** How long it waited from `submit()` to the start of the function; undefined if that never started. */
  readonly waitingTime: number | undefined;
  /** How long the function ran, until the future settled; undefined if it never started. */
  readonly runningTime: number | undefined;
}

/**
 * A scheduler: plain data, the making of which takes a time that grows with the number of its tasks
 * and workers, not with that of its futures.
 *
 * @example A line about the queue
 * ```ts
 * import { Scheduler, type SchedulerStatistics } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function line({ executor, pending, runningCount }: SchedulerStatistics): string {
 *   return `${executor}: ${pending} pending, ${runningCount} running`;
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * const lines: string[] = [];
 * scheduler.onFutureSubmitted(() => lines.push(line(scheduler.statistics())));
 * scheduler.onStart(() => {
 *   scheduler.submit(() => 1);
 * });
 * await scheduler.run();
 * assertEquals(lines, ["SequentialExecutor: 1 pending, 0 running"]);
 * ```
 *
 * @category Statistics
 */
export interface SchedulerStatistics extends EmitterStatistics {
  /** Whether submissions are accepted. */
  readonly running: boolean;
  /** In which phase it is. */
  readonly phase: RunPhase;
  /** What its run waits for while it is finishing. */
  readonly waitsFor: RunWait | undefined;
  /** How many async callbacks of its run have not settled. */
  readonly pendingCallbacks: number;
  /** These callbacks, by event and function: at most 16 groups, the oldest first. */
  readonly callbacksUnderWay: readonly CallbackUnderWay[];
  /** How its last run ended; undefined before the first end. */
  readonly lastExit: LastExit | undefined;
  /** The name of the executor. */
  readonly executor: string;
  /** How many workers the executor may have. */
  readonly workerCount: number;
  /**
   * The workers that were started, if the executor reports them, in the order of their numbers. They
   * go on being listed, with their counts, when they have ended.
   */
  readonly workers: readonly WorkerStatistics[];
  /** The number of futures that wait for a worker, held ones included. */
  readonly pending: number;
  /** How many of them are held back: they wait for futures among their arguments, or for a plugin. */
  readonly held: number;
  /** The number of futures that a worker is running. */
  readonly runningCount: number;
  /**
   * For how many milliseconds the run has been under way, or the last one was; undefined before the
   * first.
   */
  readonly elapsed: number | undefined;
  /**
   * How many calls ended in a second, with a result or an exception, over the last ten seconds of the
   * run, or since it began. Of the last run if none is under way.
   */
  readonly throughput: number;
  /** How long calls have waited, from `submit()` to the start of the function. */
  readonly waitingTime: TimeStatistics;
  /** How long calls have run, from the start of the function until the future settled. */
  readonly runningTime: TimeStatistics;
  /** The futures that settled last: at most five, the latest last. */
  readonly recentFutures: readonly RecentFuture[];
  /** Its tasks, in the order in which they were made. */
  readonly tasks: readonly TaskStatistics[];
}
