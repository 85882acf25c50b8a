/**
 * Snapshots of emitters, tasks and schedulers: the content of the printed tree, as plain records.
 *
 * @module
 */

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
}

/**
 * A scheduler.
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
  /** The name of the executor. */
  readonly executor: string;
  /** How many workers the executor may have. */
  readonly workerCount: number;
  /** The number of futures that wait for a worker. */
  readonly pending: number;
  /** The number of futures that a worker is running. */
  readonly runningCount: number;
  /** Its tasks, in the order in which they were made. */
  readonly tasks: readonly TaskStatistics[];
}
