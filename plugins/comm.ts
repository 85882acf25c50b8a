/**
 * Lets a function and the main thread talk while the function runs.
 *
 * @module
 */

import { isFuture } from "../scheduling/future.ts";
import { show } from "../scheduling/_base/check.ts";
import type { ChannelConnection, ChannelListener } from "../scheduling/channel.ts";
import type { AnyTask, Future } from "../scheduling/future.ts";
import type { Plugin, Submission, ThisFuture, ThisInjected } from "../scheduling/plugin.ts";
import type { WorkerComm } from "../scheduling/worker_comm.ts";

/**
 * The events of {@linkcode Comm}. The types of the messages are those of the `WorkerComm` that the function
 * takes.
 *
 * @example The type of a task with messages
 * ```ts
 * import { Comm, type CommEvents, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const names: (keyof CommEvents)[] = ["comm-open", "comm-close"];
 * const task = Scheduler.withSequential().task((_comm: WorkerComm) => {}, { plugins: new Comm() });
 * assertEquals(names.map((name) => task.eventCounts[name]), [0, 0]);
 * ```
 *
 * @category Plugins
 */
export type CommEvents = {
  /** The function has started. */
  "comm-open": [ThisFuture];
  /** The function has sent a message. */
  "comm-message": [ThisFuture, data: ThisInjected<"sent">];
  /**
   * The function waits for an answer: `respond(answer)`. It returns whether the function was still running,
   * as far as is known, and throws `TypeError` when an answer was given before.
   */
  "comm-request": [ThisFuture, data: ThisInjected<"asked">, respond: ThisInjected<"respond">];
  /** The function has reported its progress, from 0 to 1. */
  "comm-progress": [ThisFuture, fraction: number, message: string | undefined];
  /** The function has ended, or its worker has; before the last events of the future. */
  "comm-close": [ThisFuture];
};

/**
 * What the plugin injects, whatever types the function declares.
 *
 * @internal
 */
// deno-lint-ignore no-explicit-any -- matches the first parameter of every function
export type AnyWorkerComm = WorkerComm<any>;

/**
 * Lets a function and the main thread talk while the function runs: the function takes a `WorkerComm` in
 * front of its arguments, which `submit()` does not take.
 *
 * All messages of a call arrive in the order of sending, between `comm-open` and `comm-close`, and before
 * the future settles. Each attempt of a call that is tried again has messages of its own. At the end of a
 * run, requests are still answered; those that nobody can be expected to answer reject with
 * `CommClosedError`: at once if nothing but such calls is left, after 1 s if async callbacks are pending,
 * after 30 s if these are callbacks of the events of this plugin or if a plugin holds calls back.
 *
 * @example Follow a computation
 * ```ts
 * import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function train(comm: WorkerComm<{ sent: { epoch: number } }>, epochs: number): number {
 *   for (let epoch = 1; epoch <= epochs; epoch++) {
 *     comm.send({ epoch });
 *     comm.progress(epoch / epochs);
 *   }
 *   return epochs;
 * }
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(train, { plugins: new Comm() });
 * const epochs: number[] = [];
 * task.on("comm-message", (_future, { epoch }) => epochs.push(epoch));
 * scheduler.onStart(() => {
 *   task.submit(3);
 * });
 * await scheduler.run();
 * assertEquals(epochs, [1, 2, 3]);
 * assertEquals(task.eventCounts["comm-progress"], 3);
 * ```
 *
 * @category Plugins
 */
export class Comm implements Plugin<CommEvents, AnyWorkerComm> {
  /** Its name. */
  readonly name = "comm";
  /** The events that it adds. */
  readonly events = [
    "comm-open",
    "comm-message",
    "comm-request",
    "comm-progress",
    "comm-close",
  ] as const;
  /** Types only, never present. */
  declare readonly types?: { events: CommEvents; injects: AnyWorkerComm; required: true };
  readonly #connections = new WeakMap<Future, ChannelConnection>();
  #task: AnyTask | undefined;
  #openCount = 0;
  #messageCount = 0;
  #requestCount = 0;

  /**
   * Checks that the executor can carry messages.
   *
   * @param task The task.
   * @throws {TypeError} when it cannot; the message names executors that can.
   */
  attachTask(task: AnyTask): void {
    task.checkFeature("comm");
    this.#task = task;
  }

  /**
   * Opens a channel for the call.
   *
   * @param submission The submission.
   * @returns a submission with a channel.
   */
  preSubmit(submission: Submission): Submission {
    return { ...submission, channel: (future) => this.#listenTo(future) };
  }

  /**
   * Sends a message to the function of a call.
   *
   * @param future The future of the call.
   * @param data The message, any value that can be cloned.
   * @returns whether the function was running, as far as is known; false also before it has started.
   * @throws {TypeError} when `future` is no future.
   * @throws {DOMException} `DataCloneError` when the message cannot cross.
   * @throws {RangeError} when the function has left 65,536 messages unread.
   *
   * @example Feed a function
   * ```ts
   * import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const comm = new Comm();
   * const scheduler = Scheduler.withWorkers(1);
   * const sum = scheduler.task(async (comm: WorkerComm<{ received: number }>) => {
   *   let sum = 0;
   *   for await (const n of comm) {
   *     if (n === 0) break;
   *     sum += n;
   *   }
   *   return sum;
   * }, { plugins: comm });
   * sum.on("comm-open", (future) => {
   *   for (const n of [1, 2, 3, 0]) comm.send(future, n);
   * });
   * scheduler.onStart(async () => assertEquals(await sum.submit(), 6));
   * await scheduler.run();
   * ```
   */
  send(future: Future, data: unknown): boolean {
    if (!isFuture(future)) throw new TypeError(`send() takes a future, not ${show(future)}`);
    return this.#connections.get(future)?.send(data) ?? false;
  }

  /**
   * How many channels are open, and what was sent over all runs, for the tree.
   *
   * @returns a record of counts.
   */
  statistics(): Readonly<Record<string, number>> {
    return {
      open: this.#openCount,
      messages: this.#messageCount,
      requests: this.#requestCount,
    };
  }

  #listenTo(future: Future): ChannelListener {
    return {
      opened: (connection) => {
        this.#openCount++;
        this.#connections.set(future, connection);
        this.#emit("comm-open", future);
      },
      message: (data) => {
        this.#messageCount++;
        this.#emit("comm-message", future, data);
      },
      request: (data, respond) => {
        this.#requestCount++;
        const isHeard = this.#task?.hears("comm-request") ?? false;
        this.#emit("comm-request", future, data, respond);
        return isHeard;
      },
      progress: (fraction, message) => this.#emit("comm-progress", future, fraction, message),
      closed: () => {
        this.#openCount--;
        this.#connections.delete(future);
        this.#emit("comm-close", future);
      },
    };
  }

  #emit(event: keyof CommEvents, ...args: unknown[]): void {
    this.#task?.emit(event, ...args);
  }
}
