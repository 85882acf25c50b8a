/** What a QueueMonitor looks at: attempts of calls, workers, and tasks that are made later. @module */

import { now } from "../_base/time.ts";
import { AttemptHistory, endBefore, type QueueHistory } from "./_monitor_history.ts";
import type { AttemptOutcome, AttemptRecord } from "./monitor_records.ts";
import type { Subscription } from "../emitter.ts";
import { WorkerLostError } from "../errors.ts";
import type { Executor, RunningCall, WorkerStatistics } from "../executor.ts";
import { type AnyTask, type Future, isFuture, outcomeOf } from "../future.ts";
import type { Task } from "../task.ts";

/** The last attempt of an unsettled call that was tried again. */
interface Retried {
  readonly attempt: number;
  readonly startedAt: number | undefined;
}

/** Records attempts when they end. */
export class AttemptWatch implements Disposable {
  readonly #history: AttemptHistory;
  readonly #tasks = new TaskWatch(["retry"], (task) => [this.#subscribeTo(task)]);
  // By the ids of futures.
  readonly #retried = new Map<number, Retried>();
  readonly #onEnd: (attempt: AttemptRecord) => void;
  readonly #onRetry: () => void;
  /** Milliseconds on the clock of `performance.now()` that count as zero. */
  origin = 0;

  /** `onEnd` is called for each attempt that has ended, `onRetry` after one that is tried again. */
  constructor(
    maxRecords: number,
    onEnd: (attempt: AttemptRecord) => void,
    onRetry: () => void,
  ) {
    this.#onEnd = onEnd;
    this.#onRetry = onRetry;
    this.#history = new AttemptHistory(maxRecords);
  }

  /** Watches the retries of a task. */
  check(task: AnyTask | undefined): void {
    if (task !== undefined) this.#tasks.check(task);
  }

  /** A future has settled. */
  settled(future: Future): void {
    const retried = this.#retried.get(future.id);
    if (retried !== undefined) this.#retried.delete(future.id);
    // Cancelled between two attempts.
    if (retried?.startedAt === future.startedAt) return;
    const { settledAt = now() } = future;
    this.#add(future, (retried?.attempt ?? 0) + 1, settledAt, outcomeName(future));
  }

  /** The attempts that have ended, and those of calls that run. */
  records(calls: readonly SeenCall[]): AttemptRecord[] {
    const ended = this.#history.records;
    const running = calls.map((call) => this.#running(call));
    for (const { worker, start } of running) {
      endBefore(ended.findLast((record) => record.worker === worker), start);
    }
    return [...ended, ...running];
  }

  [Symbol.dispose](): void {
    this.#tasks[Symbol.dispose]();
    this.#retried.clear();
  }

  #subscribeTo(task: AnyTask): Subscription {
    // A plugin of the user may have an event of this name that is about something else.
    const note = (future: unknown, attempt: unknown) => {
      if (isFuture(future) && typeof attempt === "number") this.#retry(future, attempt);
    };
    return task.on("retry", note, { hidden: true });
  }

  #retry(future: Future, attempt: number): void {
    this.#retried.set(future.id, { attempt, startedAt: future.startedAt });
    this.#add(future, attempt, now(), "retried");
    this.#onRetry();
  }

  #add(future: Future, attempt: number, endedAt: number, outcome: AttemptOutcome): void {
    const { startedAt, worker, id, taskName } = future;
    if (startedAt === undefined) return;
    const start = startedAt - this.origin;
    const end = Math.max(start, endedAt - this.origin);
    const record: AttemptRecord = {
      task: taskName,
      future: id,
      worker,
      attempt,
      start,
      end,
      outcome,
      count: 1,
      runningTime: end - start,
    };
    this.#onEnd(record);
    this.#history.add({ ...record });
  }

  #running({ start, end = now() - this.origin, ...call }: SeenCall): AttemptRecord {
    const attempt = (this.#retried.get(call.future)?.attempt ?? 0) + 1;
    const times = { start, end, runningTime: end - start };
    return { ...call, attempt, outcome: "running", count: 1, ...times };
  }
}

function outcomeName(future: Future): AttemptOutcome {
  if (future.cancelled) return "cancelled";
  const outcome = outcomeOf(future) ?? {};
  if (!("exception" in outcome)) return "result";
  return outcome.exception instanceof WorkerLostError ? "lost" : "exception";
}

/** Knows the workers of one executor as they were when it last looked. */
export class WorkerWatch {
  readonly #executor: Executor;
  /** What the workers do; undefined if the executor does not report it. */
  workers: readonly WorkerStatistics[] | undefined;
  /** How many workers have started and not ended; undefined if the executor does not report it. */
  ready: number | undefined;
  // By the number of the worker.
  readonly #losses: number[] = [];

  constructor(executor: Executor) {
    this.#executor = executor;
    this.look();
  }

  /** Looks at the workers; returns how many were lost since, by the number of the worker. */
  look(): Map<number, number> | undefined {
    this.workers = this.#ask();
    this.ready = this.workers?.filter(({ state }) => state === "idle" || state === "busy").length;
    let lost: Map<number, number> | undefined;
    for (const { number, losses } of this.workers ?? []) {
      const before = this.#losses[number] ?? 0;
      if (losses > before) (lost ??= new Map()).set(number, losses - before);
      this.#losses[number] = losses;
    }
    return lost;
  }

  // What a user's executor throws is no error of the run that is watched.
  #ask(): readonly WorkerStatistics[] | undefined {
    try {
      return this.#executor.workers?.();
    } catch {
      return undefined;
    }
  }
}

/** Subscribes to all tasks that have certain events until it is disposed of. */
export class TaskWatch implements Disposable {
  readonly #events: readonly string[];
  readonly #subscribe: (task: AnyTask) => readonly Subscription[];
  // A plugin may be attached later, so tasks without the events are checked again when they have more
  // plugins than before.
  readonly #pluginCounts = new Map<AnyTask, number>();
  readonly #heard = new Set<AnyTask>();
  readonly #subscriptions: Subscription[] = [];

  /** `subscribe` is called once for each task that has all of the events. */
  constructor(events: readonly string[], subscribe: (task: AnyTask) => readonly Subscription[]) {
    this.#events = events;
    this.#subscribe = subscribe;
  }

  /** Subscribes to a task if it has the events, when it is made and whenever it is used. */
  check(task: AnyTask): void {
    const { length } = (task as unknown as Task).plugins;
    if (this.#pluginCounts.get(task) === length || this.#heard.has(task)) return;
    this.#pluginCounts.set(task, length);
    const counts = task.eventCounts;
    if (!this.#events.every((name) => name in counts)) return;
    this.#heard.add(task);
    this.#subscriptions.push(...this.#subscribe(task));
  }

  [Symbol.dispose](): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }
}

/** A call that was seen running and has not settled. */
export interface SeenCall {
  readonly task: string;
  readonly future: number;
  readonly worker: number;
  readonly start: number;
  /** When the next call of the worker started; undefined if none was seen. */
  readonly end: number | undefined;
}

/** A worker runs one call at a time, so each of them ends when the next one starts at the latest. */
interface Lane {
  /** The calls that were seen running and have not settled, in the order of their starts. */
  readonly seen: RunningCall[];
  /** When the last settled call started. */
  lastStart: number;
  /** When the last settled call ended. */
  end: number;
}

/**
 * Counts running calls in the records. The start of a call becomes known later than the call starts; then
 * the records since its start are corrected.
 */
export class RunningCalls {
  readonly #queue: QueueHistory;
  // By the number of the worker.
  readonly #lanes = new Map<number, Lane>();
  #count = 0;

  constructor(queue: QueueHistory) {
    this.#queue = queue;
  }

  /** How many calls run. */
  get count(): number {
    return this.#count;
  }

  /** The calls that were seen running and have not settled. */
  get calls(): SeenCall[] {
    return [...this.#lanes].flatMap(([worker, { seen }]) =>
      seen.map(({ task, future, startedAt: start }, index) => {
        return { task, future, worker, start, end: seen[index + 1]?.startedAt };
      })
    );
  }

  /** A worker was seen running a call, which started at a time of the records. */
  saw(worker: number, call: RunningCall): void {
    const { seen, lastStart, end } = this.#laneOf(worker);
    const { future, startedAt: start } = call;
    // The executor may still show an attempt that has ended.
    if (start <= lastStart || seen.some((each) => each.future === future)) return;
    seen.push(call);
    // It follows one that has ended, though that is not reported yet.
    if (seen.length > 1) return;
    this.#count++;
    this.#queue.addRunning(Math.max(start, end), Infinity);
  }

  /** An attempt has ended. */
  ended({ worker, future, start, end }: AttemptRecord): void {
    if (worker === undefined) return this.#queue.addRunning(start, end);
    const lane = this.#laneOf(worker);
    lane.lastStart = Math.max(lane.lastStart, start);
    const index = lane.seen.findIndex((call) => call.future === future);
    if (index >= 0) this.#endSeen(lane, index, end);
    else {
      const until = lane.seen.find(({ startedAt }) => startedAt >= start)?.startedAt ?? end;
      this.#queue.addRunning(Math.max(start, lane.end), until);
      lane.end = Math.max(lane.end, until);
    }
  }

  #endSeen(lane: Lane, index: number, end: number): void {
    lane.seen.splice(index, 1);
    const next = lane.seen[index]?.startedAt;
    lane.end = Math.max(lane.end, next ?? end);
    if (lane.seen.length > 0) return;
    this.#count--;
    this.#queue.removeRunning(end);
  }

  #laneOf(worker: number): Lane {
    let lane = this.#lanes.get(worker);
    if (lane === undefined) {
      this.#lanes.set(worker, lane = { seen: [], lastStart: -Infinity, end: -Infinity });
    }
    return lane;
  }
}
