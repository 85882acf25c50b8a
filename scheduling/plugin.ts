/**
 * Plugins of tasks: they can watch, veto or change submissions, and add events.
 *
 * @module
 */

import type { ChannelListener } from "./channel.ts";
import type { TaskFunction } from "./function.ts";
import type { AnyTask, Future } from "./future.ts";
import type { CallLimits } from "./limits.ts";

/**
 * A placeholder in the events of a plugin: the task that the plugin is attached to.
 *
 * @example An event that names its task
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
 * A placeholder in the events of a plugin: a future of the task, with the types of its result and
 * arguments.
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
 * A placeholder in the events of a plugin: all arguments of the task, each as a parameter of its
 * own.
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
 * A placeholder in the events of a plugin that injects: a type that the first parameter of the function
 * declares under a name, in its optional property `~types`; `never` if it declares none.
 *
 * @typeParam K The name.
 *
 * @example An event whose type the function chooses
 * ```ts
 * import { type Plugin, Scheduler, type Submission, type ThisInjected } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * interface Pen<T> {
 *   colour: string;
 *   readonly "~types"?: { drawn: T };
 * }
 *
 * class Pens implements Plugin<{ drawn: [ThisInjected<"drawn">] }, Pen<never>> {
 *   readonly name = "pens";
 *   readonly events = ["drawn"] as const;
 *   declare readonly types?: { events: { drawn: [ThisInjected<"drawn">] }; injects: Pen<never> };
 *   preSubmit(submission: Submission): Submission {
 *     return { ...submission, injected: [{ colour: "red" }] };
 *   }
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((pen: Pen<string>) => pen.colour, { plugins: new Pens() });
 * task.on("drawn", (text) => text.toUpperCase());
 * scheduler.onStart(async () => assertEquals(await task.submit(), "red"));
 * await scheduler.run();
 * ```
 *
 * @category Plugins
 */
export interface ThisInjected<K extends string> {
  /** Types only, never present. */
  readonly "~placeholder": "injected";
  /** Types only, never present. */
  readonly "~name": K;
}

/**
 * A submission before it reaches the executor: a plain record. A plugin may return a changed copy.
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
   * The arguments of `submit()`, as changed by plugins. The `submitted` event carries these
   * arguments; `future.args` has the unchanged ones.
   */
  readonly args: readonly unknown[];
  /** Arguments that a plugin injects in front of the others. No event carries them. */
  readonly injected: readonly unknown[];
  /** Objects that move to the worker instead of being copied. */
  readonly transfer: readonly Transferable[];
  /** Cancels the future when it aborts. */
  readonly signal: AbortSignal | undefined;
  /** Limits of the call; the submission is refused when the executor cannot enforce them. */
  readonly limits: CallLimits;
  /**
   * The priority of the call, 0 by default. `submit()` throws if it is not a finite number, or if it
   * is not 0 and the executor does not honour priorities.
   */
  readonly priority: number;
  /**
   * Holds the call back until it fulfils. Each plugin may hold the call: what one of them has set stays in
   * force when another one replaces it. If it rejects, the call fails with that error, which the `run`
   * part of `onException` judges.
   */
  readonly after?: PromiseLike<void> | undefined;
  /** Settles the call with this result, in a later turn, and sends it to no worker. */
  readonly settled?: { readonly result: unknown } | undefined;
  /**
   * Opens a channel between the function and the main thread: the function gets a `WorkerComm` as its first
   * argument, in front of injected ones. It is called for each attempt of the call, before that is sent. If
   * it throws, the call fails with that error, which the `run` part of `onException` judges.
   *
   * @param future The future of the call.
   * @returns what receives the messages.
   */
  readonly channel?: ((future: Future) => ChannelListener) | undefined;
}

/**
 * A call that is about to start, as its function will be called.
 *
 * @example Count the calls of each size
 * ```ts
 * import { type Future, Scheduler, type StartingCall } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const sizes: number[] = [];
 * const measure = {
 *   name: "measure",
 *   preStart(_future: Future, { args }: StartingCall): void {
 *     sizes.push(String(args[0]).length);
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const load = scheduler.task((path: string) => `page ${path}`);
 * const print = scheduler.task((page: string) => page.length, { plugins: measure });
 * scheduler.onStart(() => {
 *   print.submit(load.submit("/")); // a future, whose result `args` has
 * });
 * await scheduler.run();
 * assertEquals(sizes, [6]);
 * ```
 *
 * @category Plugins
 */
export interface StartingCall {
  /** The function that will be called. */
  readonly function: TaskFunction;
  /** Its arguments without injected ones, with the results of futures in their places. */
  readonly args: readonly unknown[];
  /** The arguments that a plugin injects in front of the others. */
  readonly injected: readonly unknown[];
}

/**
 * What a call is about to settle with.
 *
 * @example Keep the last error of each task
 * ```ts
 * import { type CallOutcome, type Future, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const errors = new Map<string, unknown>();
 * const lastError = {
 *   name: "last-error",
 *   preSettle(future: Future, outcome: CallOutcome): void {
 *     if ("exception" in outcome) errors.set(future.taskName, outcome.exception);
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const parse = scheduler.task((text: string) => JSON.parse(text), {
 *   name: "parse",
 *   plugins: lastError,
 * });
 * scheduler.onStart(() => {
 *   parse.submit("{}");
 *   parse.submit("{");
 * });
 * await scheduler.run({ onException: "ignore" });
 * assertEquals([...errors.keys()], ["parse"]);
 * ```
 *
 * @category Plugins
 */
export type CallOutcome = { readonly result: unknown } | { readonly exception: unknown };

/**
 * A plugin of a task. All members except the name are optional. One instance serves one task.
 * `task()` refuses a plugin with a misspelt hook, one that differs in case or underscores, such as
 * `pre_submit`.
 *
 * The return type of `preSubmit` decides whether the plugin can decline a submission: if it
 * includes `null`, `task.submit()` may return undefined.
 *
 * @typeParam Events The events that it adds to the task, each with the tuple of its arguments, in
 * which {@linkcode ThisTask}, {@linkcode ThisFuture} and {@linkcode ThisArgs} stand for the task, a
 * future and the arguments.
 * @typeParam Injects The type of the injected first argument; `never` if it injects nothing.
 *
 * @example A plugin that reports large arguments
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
  /** The name shown in messages and in the tree. */
  readonly name: string;
  /** The names of the events that it adds. */
  readonly events?: readonly (keyof Events & string)[];
  /**
   * Called once, when the plugin is attached. `task()` and `attachPlugin()` throw what this throws.
   *
   * @param task The task, which has the events of the plugin already.
   */
  attachTask?(task: AnyTask): void;
  /**
   * Called before each submission, in the order of the plugins, while the scheduler is running.
   * `submit()` throws what this throws.
   *
   * @param submission The submission, as changed by the plugins before it.
   * @returns the submission or a changed copy; null declines it, and later plugins are not called.
   */
  preSubmit?(submission: Submission): Submission | null;
  /**
   * Called once for each accepted call, when its arguments are final: futures among them have results, and
   * each `after` has fulfilled. The call has not taken its turn yet, of a `Throttle` for example. A retry is
   * not asked about, nor a call that `settled` settles.
   *
   * `{ result }` settles the call in a later turn without a worker, and later plugins are not asked. While
   * a promise is pending, the call is held, as by `after`. If the hook throws or rejects, the call fails
   * with that error, which the `run` part of `onException` judges.
   *
   * @param future The future, not settled yet.
   * @param call What will be called.
   * @returns nothing, a result, or a promise of either.
   */
  preStart?(
    future: Future<unknown>,
    call: StartingCall,
  ): void | { result: unknown } | Promise<void | { result: unknown }>;
  /**
   * Called when a future has failed, right before the `exception` event of its task and after all
   * other events. The policy treats an error that this throws like one of a callback.
   *
   * @param future The future.
   * @param error Its exception.
   * @param args Its arguments, without injected ones.
   */
  preException?(future: Future<unknown>, error: unknown, args: readonly unknown[]): void;
  /**
   * Called when a call has a result or an exception, right before `future-done`, and not for a cancelled
   * call. It may hold the end of the call: while its promise is pending, the future is `running` and other
   * plugins wait. Or it may have the call tried again: when `retry` fulfils, the call goes to the executor
   * once more, and the hooks are asked about the new outcome. Until then the future is `pending`, and
   * later plugins are not asked.
   *
   * If it throws or rejects, the `run` part of `onException` judges the error, and the call settles with
   * its outcome.
   *
   * @param future The future, not settled yet.
   * @param outcome What it is to settle with.
   * @param canRetry Whether the call can be tried again; otherwise `retry` is ignored, and the call settles
   * with its outcome. It is false if the call moves objects to the worker, which are gone after the first
   * attempt, if it was never sent, because a future among its arguments or an `after` failed, and if
   * it was asked to end by its signal of `Comm`.
   * @returns nothing, a promise that holds the end of the call, or a promise after which to try again.
   */
  preSettle?(
    future: Future<unknown>,
    outcome: CallOutcome,
    canRetry: boolean,
  ): void | Promise<void> | { retry: Promise<void> };
  /**
   * The details that the tree shows beside the name, such as limits and counts. If it throws, the
   * tree shows the error.
   *
   * @returns a record of values that print well.
   */
  statistics?(): Readonly<Record<string, unknown>>;
  /** Types only, never present. */
  readonly types?: { events: Events; injects: Injects };
  /** Types only, never present: refuses the class in place of an instance. */
  readonly prototype?: never;
}

/**
 * A plugin of any type.
 *
 * @example Optional plugins
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
