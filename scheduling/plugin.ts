/**
 * What extends a task: it may watch, veto or change submissions and add events.
 *
 * @module
 */

import type { TaskFunction } from "./function.ts";
import type { AnyTask, Future } from "./future.ts";
import type { CallLimits } from "./limits.ts";

/**
 * In the events of a plugin: the task that the plugin is attached to.
 *
 * @example An event that tells of which task it is
 * ```ts
 * import { type Plugin, Scheduler, type ThisTask } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const counter: Plugin<{ counted: [ThisTask] }> = {
 *   name: "counter",
 *   events: ["counted"],
 *   preSubmit(submission) {
 *     submission.task.emit("counted", submission.task);
 *     return submission;
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((n: number) => n, { name: "same", plugins: counter });
 * const counts: [name: string, count: number][] = [];
 * task.on("counted", ({ name, submissionCount }) => counts.push([name, submissionCount]));
 * scheduler.onStart(() => {
 *   task.submit(1);
 *   task.submit(2);
 * });
 * await scheduler.run();
 * assertEquals(counts, [["same", 0], ["same", 1]]);
 * ```
 *
 * @category Plugins
 */
export interface ThisTask {
  /** Types only, never present. */
  readonly "~placeholder": "task";
}

/**
 * In the events of a plugin: a future of the task, with the types of its result and arguments.
 *
 * @example An event about a future
 * ```ts
 * import { type Plugin, Scheduler, type ThisFuture } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const watch: Plugin<{ failed: [ThisFuture, reason: string] }> = {
 *   name: "watch",
 *   events: ["failed"],
 *   preException: (future, error) => future.task?.emit("failed", future, String(error)),
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((text: string) => JSON.parse(text), { plugins: watch });
 * const failed: string[] = [];
 * task.on("failed", (future, reason) => {
 *   const [text] = future.args;
 *   failed.push(`${text.toUpperCase()}: ${reason.slice(0, 11)}`);
 * });
 * scheduler.onStart(() => {
 *   task.submit("{a");
 * });
 * await scheduler.run({ onException: "ignore" });
 * assertEquals(failed, ["{A: SyntaxError"]);
 * ```
 *
 * @category Plugins
 */
export interface ThisFuture {
  /** Types only, never present. */
  readonly "~placeholder": "future";
}

/**
 * In the events of a plugin: all arguments of the task, as many parameters as it has.
 *
 * @example An event with the arguments of the task
 * ```ts
 * import { type Plugin, Scheduler, type ThisArgs } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const log: Plugin<{ logged: [at: Date, ThisArgs] }> = {
 *   name: "log",
 *   events: ["logged"],
 *   preSubmit(submission) {
 *     submission.task.emit("logged", new Date(0), ...submission.args);
 *     return submission;
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((a: number, b: string) => b.repeat(a), { plugins: log });
 * const lines: string[] = [];
 * task.on("logged", (at, a, b) => lines.push(`${at.getTime()} ${a.toFixed(1)} ${b.toUpperCase()}`));
 * scheduler.onStart(() => {
 *   task.submit(2, "x");
 * });
 * await scheduler.run();
 * assertEquals(lines, ["0 2.0 X"]);
 * ```
 *
 * @category Plugins
 */
export interface ThisArgs {
  /** Types only, never present. */
  readonly "~placeholder": "args";
}

/**
 * What a task is about to submit: a plain record, that a plugin may spread and change.
 *
 * @example Change the arguments
 * ```ts
 * import { Scheduler, type Submission } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const trim = {
 *   name: "trim",
 *   preSubmit: (submission: Submission): Submission => ({
 *     ...submission,
 *     args: submission.args.map((arg) => String(arg).trim()),
 *   }),
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((text: string) => text.length, { plugins: trim });
 * scheduler.onStart(async () => assertEquals(await task.submit("  two  "), 3));
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Plugins
 */
export interface Submission {
  /** The task that submits. */
  readonly task: AnyTask;
  /** The function that will be called. */
  readonly function: TaskFunction;
  /**
   * What `submit()` was given for it, as plugins have changed it. Events tell these arguments;
   * `future.args` is what `submit()` was given.
   */
  readonly args: readonly unknown[];
  /** What plugins inject: the function gets it before its arguments, and no event tells it. */
  readonly injected: readonly unknown[];
  /** What moves to the worker in place of being copied. */
  readonly transfer: readonly Transferable[];
  /** Cancels the future when aborted. */
  readonly signal: AbortSignal | undefined;
  /** What the call may use up; the submission is refused when the executor cannot enforce it. */
  readonly limits: CallLimits;
}

/**
 * A plugin of a task. All but the name is optional. One instance serves one task. A member that is a
 * hook but for case and underscores, such as `pre_submit`, is refused by `task()`.
 *
 * Whether it can decline a submission is read off the return type of its `preSubmit`: where that has
 * `null`, `task.submit()` may return undefined.
 *
 * @typeParam Events The events that it adds to the task, each with the tuple of its arguments, in
 * which {@linkcode ThisTask} and {@linkcode ThisArgs} stand for the task and its arguments.
 * @typeParam Injects The type of the first parameter, if it gives one to the function.
 *
 * @example A plugin that tells of large arguments
 * ```ts
 * import { type AnyTask, type Plugin, Scheduler, type Submission } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type SizeEvents = { large: [size: number] };
 *
 * class SizeWatch implements Plugin<SizeEvents> {
 *   readonly name = "size-watch";
 *   readonly events = ["large"] as const;
 *   declare readonly types?: { events: SizeEvents; injects: never };
 *   #task: AnyTask | undefined;
 *
 *   attachTask(task: AnyTask): void {
 *     this.#task = task;
 *   }
 *
 *   preSubmit(submission: Submission): Submission {
 *     const size = JSON.stringify(submission.args).length;
 *     if (size > 10) this.#task?.emit("large", size);
 *     return submission;
 *   }
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((text: string) => text.length, { plugins: new SizeWatch() });
 * const sizes: number[] = [];
 * task.on("large", (size) => sizes.push(size));
 * scheduler.onStart(() => {
 *   task.submit("a");
 *   task.submit("a long text");
 * });
 * await scheduler.run();
 * assertEquals(sizes, [15]);
 * ```
 *
 * @category Plugins
 */
export interface Plugin<Events = object, Injects = never> {
  /** What the tree and messages call it. */
  readonly name: string;
  /** The names of the events that it adds. */
  readonly events?: readonly (keyof Events & string)[];
  /**
   * Is told once which task it serves. What it throws, `task()` and `attachPlugin()` throw.
   *
   * @param task The task, its events known already.
   */
  attachTask?(task: AnyTask): void;
  /**
   * Is asked before each submission, in the order of the plugins, while the scheduler is running.
   * What it throws, `submit()` throws.
   *
   * @param submission What is about to be submitted.
   * @returns it, or a changed copy; null declines, and later plugins are not asked.
   */
  preSubmit?(submission: Submission): Submission | null;
  /**
   * Is told that a future failed, right before the `exception` event of its task and after all events
   * before that. What it throws is judged as an error of a callback.
   *
   * @param future The future.
   * @param error What it failed with.
   * @param args Its arguments, without what plugins have injected.
   */
  preException?(future: Future<unknown>, error: unknown, args: readonly unknown[]): void;
  /**
   * What the tree shows beside the name, such as limits and counts. What it throws is shown there.
   *
   * @returns a record of values that print well.
   */
  statistics?(): Readonly<Record<string, unknown>>;
  /** Types only, never present. */
  readonly types?: { events: Events; injects: Injects };
  /** Types only, never present: the class of a plugin is none. */
  readonly prototype?: never;
}

/**
 * A plugin of any type.
 *
 * @example Plugins that depend on something
 * ```ts
 * import { type AnyPlugin, Limiter, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * function pluginsFor(budget: number | undefined): AnyPlugin[] {
 *   return budget === undefined ? [] : [new Limiter({ maxCalls: budget })];
 * }
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task((n: number) => n, { plugins: pluginsFor(10) });
 * assertEquals(task.plugins.map((plugin) => plugin.name), ["limiter"]);
 * ```
 *
 * @category Plugins
 */
// deno-lint-ignore no-explicit-any -- matches every plugin, whatever its events
export type AnyPlugin = Plugin<any, any>;
