/**
 * Snapshots of emitters, tasks and schedulers: what the printed tree shows, as plain records.
 *
 * @module
 */

/** One callback of an event. */
export interface CallbackStatistics {
  /** The function's name. */
  readonly name: string;
  /** How often it was called. */
  readonly calls: number;
  /** The options that differ from their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One event of an emitter. */
export interface EventStatistics {
  /** The name of the event. */
  readonly name: string;
  /** How often it was emitted. */
  readonly count: number;
  /** Its callbacks in order of registration, without the hidden ones. */
  readonly callbacks: readonly CallbackStatistics[];
}

/** An emitter. */
export interface EmitterStatistics {
  /** The name of the emitter. */
  readonly name: string;
  /** Its events, in the order in which it knows them. */
  readonly events: readonly EventStatistics[];
}

/** A plugin of a task. */
export interface PluginStatistics {
  /** The name of the plugin. */
  readonly name: string;
  /** What the plugin tells of itself: limits, counts. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A task. */
export interface TaskStatistics extends EmitterStatistics {
  /** The name of the function with that of its module, or its source in one line. */
  readonly function: string;
  /** Its plugins, in the order in which they are asked. */
  readonly plugins: readonly PluginStatistics[];
  /** Its unsettled futures. */
  readonly queueSize: number;
}

/** A scheduler. */
export interface SchedulerStatistics extends EmitterStatistics {
  /** Whether a run takes submissions. */
  readonly running: boolean;
  /** The name of the executor. */
  readonly executor: string;
  /** How many workers the executor may have. */
  readonly workerCount: number;
  /** Futures that wait for a worker. */
  readonly pending: number;
  /** Futures that a worker is running. */
  readonly runningCount: number;
  /** Its tasks, in the order in which they were made. */
  readonly tasks: readonly TaskStatistics[];
}
