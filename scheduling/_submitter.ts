/** What a task and its scheduler need of each other. @module */

import type { EmitterObserver } from "./emitter.ts";
import type { AnyTask, Future } from "./future.ts";
import type { CallLimits } from "./limits.ts";
import type { Submission } from "./plugin.ts";
import type { TaskEvents } from "./task_events.ts";

/**
 * A submission after the plugins of its task, if it has one, have changed it.
 *
 * @internal
 */
export type CallRequest = Omit<Submission, "task">;

/**
 * The side of a task that observes its futures.
 *
 * @internal
 */
export interface CallOwner {
  /** The task. */
  readonly task: AnyTask;
  /**
   * Adds an accepted submission to the queue of the task.
   *
   * @param node The `QueueNode` of its future.
   */
  enter(node: object): void;
  /**
   * Removes a settled submission from the queue of the task.
   *
   * @param node The `QueueNode` of its future.
   */
  leave(node: object): void;
  /**
   * A future failed: its `exception` event is next.
   *
   * @param future The future.
   * @param error What it failed with.
   * @param args Its arguments, without what plugins have injected.
   */
  preException(future: Future, error: unknown, args: readonly unknown[]): void;
  /**
   * Emits an event of the task.
   *
   * @param event The name of the event.
   * @param args The event's arguments.
   */
  emit(event: keyof TaskEvents<unknown[], unknown>, ...args: unknown[]): void;
}

/**
 * What a task needs of its scheduler.
 *
 * @internal
 */
export interface Submitter {
  /** Answers for the callbacks of the task. */
  readonly observer: EmitterObserver;
  /**
   * Refuses what needs a run.
   *
   * @param action What is refused, for the message: `"submit train"`.
   * @throws {SchedulerNotRunningError} unless the scheduler takes submissions.
   */
  assertRunning(action: string): void;
  /**
   * Refuses limits.
   *
   * @param limits The limits.
   * @throws {TypeError} unless the executor enforces them.
   */
  checkLimits(limits: CallLimits): void;
  /**
   * Submits to the executor.
   *
   * @param submission What its plugins made of it.
   * @param args What its `submit()` was given.
   * @param owner Is told of the future.
   * @returns the future.
   */
  submit(submission: Submission, args: unknown[], owner: CallOwner): Future;
}
