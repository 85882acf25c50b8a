/** The latest progress of each running call of tasks with `Comm`. @module */

import type { Emitter, Subscription } from "../emitter.ts";
import { shortened } from "../_base/check.ts";
import { type AnyTask, type Future, isFuture } from "../future.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import { TaskWatch } from "./_monitor_watch.ts";

/** What a call has reported last. */
export interface CallProgressReport {
  /** From 0 to 1. */
  readonly fraction: number;
  readonly message: string | undefined;
}

/** The scheduler, as far as it is watched. */
export interface WatchedScheduler extends Emitter<SchedulerEvents> {
  readonly tasks: readonly AnyTask[];
}

const EVENTS = ["comm-progress", "comm-close"];
const HIDDEN = { hidden: true };

/** Listens to the progress of all tasks of a scheduler until it is disposed of. */
export class ProgressWatch implements Disposable {
  readonly #reports = new Map<number, CallProgressReport>();
  readonly #tasks = new TaskWatch(EVENTS, (task) => this.#subscribeTo(task));
  readonly #unsubscribe: () => void;

  constructor(scheduler: WatchedScheduler) {
    for (const task of scheduler.tasks) this.#tasks.check(task);
    const check = ({ task }: Future) => task && this.#tasks.check(task);
    this.#unsubscribe = scheduler.on("future-submitted", check, HIDDEN);
  }

  /** The last report of an unsettled call, if there is one. */
  progressOf(futureId: number): CallProgressReport | undefined {
    return this.#reports.get(futureId);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#tasks[Symbol.dispose]();
    this.#reports.clear();
  }

  #subscribeTo(task: AnyTask): Subscription[] {
    return [
      task.on("comm-progress", (...args) => this.#report(...args), HIDDEN),
      task.on(
        "comm-close",
        (future) => void (isFuture(future) && this.#reports.delete(future.id)),
        HIDDEN,
      ),
    ];
  }

  // A plugin of the user may have an event of this name that is about something else.
  #report(future?: unknown, fraction?: unknown, message?: unknown): void {
    if (!isFuture(future) || typeof fraction !== "number") return;
    const text = typeof message === "string" ? shortened(message) : undefined;
    this.#reports.set(future.id, { fraction, message: text });
  }
}
