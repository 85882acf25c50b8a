/** The contracts between a task and its scheduler. @module */

import type { EmitterObserver } from "./emitter.ts";
import type { ExecutorFeature } from "./executor.ts";
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
   * Calls the `preException` hooks of the plugins, right before the `exception` event.
   *
   * @param future The future.
   * @param error Its exception.
   * @param args Its arguments, without injected ones.
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
 * The side of a scheduler that its tasks submit to.
 *
 * @internal
 */
export interface Submitter {
  /** Handles what callbacks of the task throw and return. */
  readonly observer: EmitterObserver;
  /**
   * Refuses an action that needs a run.
   *
   * @param action The action, for the message: `"submit train"`.
   * @throws {SchedulerNotRunningError} unless the scheduler accepts submissions.
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
   * Throws unless the executor honours a feature.
   *
   * @param feature The feature.
   * @throws {TypeError} when the executor does not honour it.
   */
  checkFeature(feature: ExecutorFeature): void;
  /**
   * Submits to the executor.
   *
   * @param submission The submission, as changed by plugins.
   * @param args The arguments of `submit()`.
   * @param owner Observes the future.
   * @returns the future.
   */
  submit(submission: Submission, args: unknown[], owner: CallOwner): Future;
}
