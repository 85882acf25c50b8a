/** Subscriptions to events that only tasks with certain plugins have. @module */

import type { Subscription } from "../emitter.ts";
import type { AnyTask } from "../future.ts";
import type { Task } from "../task.ts";

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
