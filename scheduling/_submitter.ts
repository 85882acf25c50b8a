/** The contracts between a task and its scheduler. @module */

import type { Histogram } from "./_base/histogram.ts";
import type { Tally } from "./_base/tally.ts";
import type { EmitterObserver } from "./emitter.ts";
import type { ExecutorFeature } from "./executor.ts";
import type { SchedulerNotRunningError } from "./errors.ts";
import type { AnyTask, Future } from "./future.ts";
import type { CallLimits } from "./limits.ts";
import type { Verdict } from "./_plugins/settlement.ts";
import type { StartAnswer } from "./_plugins/start.ts";
import type { CallOutcome, StartingCall, Submission } from "./plugin.ts";
import type { TaskEvents } from "./task_events.ts";

/**
 * A submission after the plugins of its task, if it has one, have changed it.
 *
 * @internal
 */
export interface CallRequest extends Omit<Submission, "task" | "after"> {
  /** What holds the call back, of each plugin. */
  readonly after?: readonly PromiseLike<void>[];
}

/**
 * The plugins of a task, as its futures meet them.
 *
 * @internal
 */
export interface PluginHooks {
  /** Whether a plugin is asked before a call starts. */
  readonly asksToStart: boolean;
  /**
   * Calls the `preStart` hooks.
   *
   * @param future The future.
   * @param call What will be called.
   * @param isHeld Whether the call still waits for the answer.
   * @returns the result of a call that needs no worker.
   */
  preStart(
    future: Future,
    call: StartingCall,
    isHeld: () => boolean,
  ): StartAnswer | Promise<StartAnswer>;
  /** Whether a plugin is asked before a call settles. */
  readonly asksToSettle: boolean;
  /**
   * Calls the `preSettle` hooks.
   *
   * @param future The future.
   * @param outcome What it is to settle with.
   * @param canRetry Whether the call may be tried again.
   * @param waiting Called when a plugin holds the end of the call or, for a retry, its next attempt.
   * @returns what becomes of the call.
   */
  preSettle(
    future: Future,
    outcome: CallOutcome,
    canRetry: boolean,
    waiting: (forRetry: boolean) => void,
  ): Verdict | Promise<Verdict>;
  /**
   * Calls the `preException` hooks, right before the `exception` event.
   *
   * @param future The future.
   * @param error Its exception.
   * @param args Its arguments, without injected ones.
   */
  preException(future: Future, error: unknown, args: readonly unknown[]): void;
}

/**
 * The side of a task that observes its futures.
 *
 * @internal
 */
export interface CallOwner {
  /** The task. */
  readonly task: AnyTask;
  /** Its plugins. */
  readonly plugins: PluginHooks;
  /** How many of its calls are held back. */
  heldCount: number;
  /** The tasks for whose futures its held calls wait. */
  readonly awaitedTasks: Tally;
  /** How long its calls have run. */
  readonly runningTimes: Histogram;
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
   * Emits an event of the task.
   *
   * @param event The name of the event.
   * @param args The event's arguments.
   */
  emit(event: keyof TaskEvents<unknown[], unknown>, ...args: unknown[]): void;
}

/**
 * The run under way, for what depends on its end.
 *
 * @internal
 */
export interface RunUnderWay {
  /** Called once, when the end of the run is decided. */
  readonly endListeners: Set<() => void>;
  /**
   * Keeps the run from being empty, as a pending callback does.
   *
   * @param task The name of the task whose results are iterated.
   * @returns how to end that.
   */
  hold(task: string): () => void;
}

/**
 * The side of a scheduler that its tasks submit to.
 *
 * @internal
 */
export interface Submitter {
  /** Handles what callbacks of the task throw and return. */
  readonly observer: EmitterObserver;
  /** Whether the executor passes on what calls print. */
  readonly hasOutput: boolean;
  /**
   * How many calls the executor may run at once.
   *
   * @returns the number, perhaps `Infinity`.
   */
  workerCount(): number;
  /**
   * Refuses an action that needs a run.
   *
   * @param action The action, for the message: `"submit"`.
   * @param object What it concerns: `"train"`.
   * @returns the run under way.
   * @throws {SchedulerNotRunningError} unless the scheduler accepts submissions.
   */
  assertRunning(action: string, object?: string): RunUnderWay;
  /**
   * Says why something is refused that needs a run.
   *
   * @param action What is refused.
   * @returns the error, with what ended the run as its cause.
   */
  notRunning(action: string): SchedulerNotRunningError;
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
  submit(submission: CallRequest, args: unknown[], owner: CallOwner): Future;
}
