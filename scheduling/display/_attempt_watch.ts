/** The attempts of the calls of a scheduler, as its events show them. @module */

import { now } from "../_base/time.ts";
import type { Subscription } from "../emitter.ts";
import { WorkerLostError } from "../errors.ts";
import type { WorkerStatistics } from "../executor.ts";
import { type AnyTask, type Future, isFuture, outcomeOf } from "../future.ts";
import { AttemptHistory } from "./_attempt_history.ts";
import { TaskWatch } from "./_task_watch.ts";
import type { AttemptOutcome, AttemptRecord } from "./monitor_records.ts";

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

  readonly #onRetry: () => void;

  constructor(maxRecords: number, onRetry: () => void) {
    this.#onRetry = onRetry;
    this.#history = new AttemptHistory(maxRecords);
  }

  /** Milliseconds on the clock of `performance.now()` that count as zero. */
  origin = 0;

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

  /** The attempts that have ended, and those that workers run. */
  records(workers: readonly WorkerStatistics[]): AttemptRecord[] {
    const running = workers.flatMap((worker) => this.#running(worker));
    return [...this.#history.records, ...running];
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
    this.#history.add({
      task: taskName,
      future: id,
      worker,
      attempt,
      start,
      end,
      outcome,
      count: 1,
      runningTime: end - start,
    });
  }

  #running({ number, call }: WorkerStatistics): AttemptRecord[] {
    if (call === undefined) return [];
    const { task, future, startedAt } = call;
    const attempt = (this.#retried.get(future)?.attempt ?? 0) + 1;
    const [start, end] = [startedAt - this.origin, now() - this.origin];
    const times = { start, end, runningTime: end - start };
    return [{ task, future, worker: number, attempt, outcome: "running", count: 1, ...times }];
  }
}

function outcomeName(future: Future): AttemptOutcome {
  if (future.cancelled) return "cancelled";
  const outcome = outcomeOf(future) ?? {};
  if (!("exception" in outcome)) return "result";
  return outcome.exception instanceof WorkerLostError ? "lost" : "exception";
}
