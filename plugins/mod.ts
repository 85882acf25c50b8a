/**
 * Plugins of tasks: each watches, declines or changes the submissions of its task, and adds events
 * to it. To write one, implement `Plugin` of `@amltk/scheduling`.
 *
 * @example Limits of a search
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { Limiter, ResourceLimits } from "@amltk/scheduling/plugins";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const trial = scheduler.task((depth: number) => 1 / depth, {
 *   plugins: [new Limiter({ maxCalls: 2 }), new ResourceLimits({ wallTime: 60_000 })],
 * });
 * trial.on("call-limit-reached", scheduler.stop);
 * scheduler.onStart(() => {
 *   for (const depth of [1, 2, 4]) trial.submit(depth);
 * });
 *
 * assertEquals((await scheduler.run({ wait: "all" })).code, "stopped");
 * assertEquals(trial.eventCounts.result, 2);
 * ```
 *
 * @module
 */

export { Comm, type CommEvents } from "./comm.ts";
export {
  Journal,
  type JournalEntry,
  type JournalEvents,
  type JournalOptions,
} from "./journal/journal.ts";
export { JournalError } from "./journal/journal_error.ts";
export {
  ResourceLimits,
  type ResourceLimitsEvents,
  type ResourceLimitsOptions,
} from "./resource_limits.ts";
export { Limiter, type LimiterEvents, type LimiterOptions } from "./limiter.ts";
export {
  exponentialBackoff,
  type ExponentialBackoffOptions,
  Retry,
  type RetryEvents,
  type RetryOptions,
} from "./retry.ts";
export { Throttle, type ThrottleOptions } from "./throttle.ts";
