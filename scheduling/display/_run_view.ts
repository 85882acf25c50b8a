/** What a display shows of one run: the statistics of its scheduler, less those of earlier runs. @module */

import type { WorkerStatistics } from "../executor.ts";
import type { EmitterStatistics, SchedulerStatistics, TaskStatistics } from "../statistics.ts";
import type { CallProgressReport } from "./_progress_watch.ts";
import { timeLeft } from "./_time_left.ts";

/** How many calls have ended in this run. */
export interface EndedCalls {
  /** With a result or an error. */
  readonly done: number;
  /** Of these, with an error. */
  readonly failed: number;
  readonly cancelled: number;
}

/** How many calls have ended, cancelled ones included. */
export function endedCount({ done, cancelled }: EndedCalls): number {
  return done + cancelled;
}

/** The calls of one task. */
export interface TaskView extends EndedCalls {
  readonly name: string;
  /** Held ones included. */
  readonly pending: number;
  readonly held: number;
  /** The tasks for whose results held calls wait. */
  readonly waitsFor: readonly string[];
  readonly running: number;
  /** The median of the running time, in milliseconds. */
  readonly median: number | undefined;
}

/** What a worker does. */
export interface WorkerView {
  readonly number: number;
  readonly state: WorkerStatistics["state"];
  readonly done: number;
  readonly losses: number;
  readonly call: RunningCallView | undefined;
}

/** A call that a worker runs. */
export interface RunningCallView {
  readonly task: string;
  readonly future: number;
  /** Its arguments as text; undefined if they are not known. */
  readonly args: string | undefined;
  /** For how many milliseconds it has run. */
  readonly runningTime: number;
  readonly progress: CallProgressReport | undefined;
}

/** What is known of a running call beside its statistics. */
export interface CallDetails {
  argsOf(future: number): string | undefined;
  progressOf(future: number): CallProgressReport | undefined;
}

/** One run at one moment. */
export interface RunView extends EndedCalls {
  readonly statistics: SchedulerStatistics;
  readonly tasks: readonly TaskView[];
  readonly workers: readonly WorkerView[];
  /** How many calls will end, cancelled ones included; undefined if it is not known, or if more have ended. */
  readonly total: number | undefined;
  /** In how many milliseconds they will have ended, if that can be estimated. */
  readonly timeLeft: number | undefined;
}

/** Computes views of one run. */
export class RunViews {
  readonly #before: SchedulerStatistics;
  readonly #workersBefore: ReadonlyMap<number, WorkerStatistics>;
  readonly #calls: CallDetails;

  /** @param before The statistics before the run. */
  constructor(before: SchedulerStatistics, calls: CallDetails) {
    this.#before = before;
    this.#workersBefore = new Map(before.workers.map((worker) => [worker.number, worker]));
    this.#calls = calls;
  }

  /** The run as the statistics show it; `at` is when they were taken. */
  of(statistics: SchedulerStatistics, expected: number | undefined, at: number): RunView {
    const calls = endedCalls(statistics, this.#before, "future-");
    const ended = endedCount(calls);
    const total = expected !== undefined && ended <= expected ? expected : undefined;
    return {
      statistics,
      ...calls,
      tasks: this.#tasks(statistics),
      workers: statistics.workers.map((worker) => this.#worker(worker, at)),
      total,
      timeLeft: total !== undefined && statistics.phase !== "not running"
        ? timeLeft(total, ended, statistics)
        : undefined,
    };
  }

  #tasks({ tasks, workers }: SchedulerStatistics): TaskView[] {
    const running = new Map<string, number>();
    for (const { call } of workers) {
      if (call !== undefined) running.set(call.task, (running.get(call.task) ?? 0) + 1);
    }
    return tasks.map((task, index) => taskView(task, this.#before.tasks[index], running));
  }

  #worker({ number, state, call, callsDone, losses }: WorkerStatistics, at: number): WorkerView {
    const before = this.#workersBefore.get(number);
    return {
      number,
      state,
      done: callsDone - (before?.callsDone ?? 0),
      losses: losses - (before?.losses ?? 0),
      call: call && {
        task: call.task,
        future: call.future,
        runningTime: Math.max(0, at - call.startedAt),
        args: this.#calls.argsOf(call.future),
        progress: this.#calls.progressOf(call.future),
      },
    };
  }
}

// Workers name the task of their call, so tasks of the same name share what is running.
function taskView(
  task: TaskStatistics,
  before: TaskStatistics | undefined,
  runningByName: Map<string, number>,
): TaskView {
  const { name, queueSize, held, waitsFor, runningTime } = task;
  const running = Math.min(runningByName.get(name) ?? 0, queueSize - held);
  runningByName.set(name, (runningByName.get(name) ?? 0) - running);
  return {
    name,
    ...endedCalls(task, before, ""),
    pending: queueSize - running,
    held,
    waitsFor,
    running,
    median: runningTime.median,
  };
}

function endedCalls(
  now: EmitterStatistics,
  before: EmitterStatistics | undefined,
  prefix: string,
): EndedCalls {
  const count = (name: string) => countOf(now, prefix + name) - countOf(before, prefix + name);
  return { done: count("done"), failed: count("exception"), cancelled: count("cancelled") };
}

function countOf(emitter: EmitterStatistics | undefined, event: string): number {
  return emitter?.events.find(({ name }) => name === event)?.count ?? 0;
}
