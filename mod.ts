/**
 * Runs functions in Web Workers or processes, and reports their outcomes by events.
 *
 * A {@linkcode Scheduler} runs functions in workers during its `run()`. A {@linkcode Task} is one
 * of these functions with its own events, such as `onResult`, whose callbacks submit further work.
 * Plugins like {@linkcode Limiter} veto or change submissions. All durations are milliseconds.
 *
 * @example A chain of computations
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const halve = scheduler.task((n: number) => n / 2);
 * const seen: number[] = [];
 *
 * scheduler.onStart(() => {
 *   halve.submit(8);
 * });
 * halve.onResult((_future, n) => {
 *   seen.push(n);
 *   if (n > 1) halve.submit(n);
 * });
 *
 * const exit = await scheduler.run();
 * assertEquals(exit.code, "exhausted");
 * assertEquals(seen, [4, 2, 1]);
 * ```
 *
 * @module
 */

export * from "./scheduling/mod.ts";
export * from "./plugins/mod.ts";
export * from "./executors/mod.ts";
