/**
 * The arguments of `scheduler.stop()`.
 *
 * @module
 */

import { isPlainObject } from "./_base/check.ts";

/**
 * Options of `scheduler.stop()`.
 *
 * @example Give a reason
 * ```ts
 * import { Scheduler, type StopOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const options: StopOptions = { message: "found it" };
 * const scheduler = Scheduler.withSequential();
 * const messages: string[] = [];
 * scheduler.onStart(() => scheduler.stop(options));
 * scheduler.onStop((message) => messages.push(message));
 * assertEquals((await scheduler.run()).code, "stopped");
 * assertEquals(messages, ["found it"]);
 * ```
 *
 * @category Scheduler
 */
export interface StopOptions {
  /** Passed to the `stop` event. @default {"stop() was called"} */
  message?: string | undefined;
  /** Passed to the `stop` event, and kept as the `exception` of the exit state. */
  exception?: unknown;
}

/**
 * The type of `scheduler.stop`, which ends the run: call it with a reason, or use it as a callback.
 *
 * @example As the callback of an event
 * ```ts
 * import { Scheduler, type StopFunction } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const stop: StopFunction = scheduler.stop;
 * const task = scheduler.task((n: number) => n);
 * scheduler.onStart(() => {
 *   task.submit(1);
 * });
 * task.onResult(stop);
 * assertEquals((await scheduler.run({ endOnEmpty: false })).code, "stopped");
 * ```
 *
 * @category Scheduler
 */
export interface StopFunction {
  /**
   * Ends the run.
   *
   * @param why A message, an error, or both, for the `stop` event and the exit state.
   */
  (why?: string | Error | StopOptions): void;
  /**
   * Ends the run, as the callback of any event.
   *
   * @param eventArguments The arguments of the event, which are ignored.
   */
  (...eventArguments: unknown[]): void;
}

const NOTHING: StopOptions = Object.freeze(Object.create(null));

/** Reads the arguments of `stop()`, which may be those of any event. */
export function stopOptions(args: readonly unknown[]): StopOptions {
  const [only] = args;
  if (args.length !== 1) return NOTHING;
  if (typeof only === "string") return { message: only };
  if (only instanceof Error) return { exception: only };
  return isStopOptions(only) ? Object.assign(Object.create(null), only) : NOTHING;
}

function isStopOptions(value: unknown): value is StopOptions {
  if (!isPlainObject(value)) return false;
  const keys = Object.keys(value);
  if (!keys.every((key) => key === "message" || key === "exception")) return false;
  return !keys.includes("message") || ["string", "undefined"].includes(typeof value["message"]);
}
