/** The latest progress of each running call of tasks with `Comm`. @module */

import type { Emitter } from "../emitter.ts";
import type { AnyTask, Future } from "../future.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import type { Task } from "../task.ts";

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

const HIDDEN = { hidden: true };

/** Listens to the progress of all tasks of a scheduler until it is disposed of. */
export class ProgressWatch implements Disposable {
  readonly #reports = new Map<number, CallProgressReport>();
  // A plugin may be attached later, so tasks without the events are checked again when they have more
  // plugins than before.
  readonly #pluginCounts = new Map<AnyTask, number>();
  readonly #heard = new Set<AnyTask>();
  readonly #subscriptions: (() => void)[] = [];

  constructor(scheduler: WatchedScheduler) {
    for (const task of scheduler.tasks) this.#watch(task);
    this.#subscriptions.push(
      scheduler.on("future-submitted", ({ task }) => task && this.#watch(task), HIDDEN),
    );
  }

  /** The last report of an unsettled call, if there is one. */
  progressOf(futureId: number): CallProgressReport | undefined {
    return this.#reports.get(futureId);
  }

  [Symbol.dispose](): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#reports.clear();
  }

  #watch(task: AnyTask): void {
    const { length } = (task as unknown as Task).plugins;
    if (this.#heard.has(task) || this.#pluginCounts.get(task) === length) return;
    this.#pluginCounts.set(task, length);
    if ("comm-progress" in task.eventCounts && "comm-close" in task.eventCounts) this.#hear(task);
  }

  #hear(task: AnyTask): void {
    this.#heard.add(task);
    this.#subscriptions.push(
      task.on("comm-progress", ({ id }: Future, fraction: number, message?: string) => {
        this.#reports.set(id, { fraction, message });
      }, HIDDEN),
      task.on("comm-close", ({ id }: Future) => void this.#reports.delete(id), HIDDEN),
    );
  }
}
