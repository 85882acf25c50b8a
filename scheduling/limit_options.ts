/**
 * Limits as users give them.
 *
 * @module
 */

import { toBytes } from "./_base/bytes.ts";
import { checkDuration, ownOptions } from "./_base/check.ts";
import { type CallLimits, limitNames, memoryTexts, NO_LIMITS } from "./limits.ts";

/**
 * Options of {@linkcode ResourceLimits}, and `limits` of `task.with()`; at least one is required.
 *
 * @example Two limits
 * ```ts
 * import { ResourceLimits, type ResourceLimitsOptions } from "@amltk/scheduling";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const options: ResourceLimitsOptions = { wallTime: 60_000, memory: "512 MiB" };
 * assertEquals(new ResourceLimits(options).statistics(), { wallTime: 60_000, memory: "512 MiB" });
 * assertThrows(() => new ResourceLimits({ memory: "512 megs" }), RangeError);
 * ```
 *
 * @category Plugins
 */
export interface ResourceLimitsOptions {
  /**
   * Milliseconds that each call may take from the moment at which a worker takes it. Loading the
   * module of the function counts, waiting in the queue does not.
   */
  wallTime?: number | undefined;
  /**
   * Milliseconds of CPU time that each call may use, of all threads of its process together.
   * Requires processes.
   */
  cpuTime?: number | undefined;
  /**
   * By how much each call may increase the memory of its process: bytes, or a text with the unit B,
   * kB, MB, GB, KiB, MiB or GiB, such as `"512 MiB"`. Requires processes.
   */
  memory?: number | string | undefined;
}

/**
 * Parses options into a record without a prototype. `prefix` precedes the names in messages.
 *
 * @throws {RangeError} when a limit is negative, NaN, or no valid size.
 * @throws {TypeError} when an option is unknown or of the wrong type, or no limit is given.
 */
export function toLimits(
  where: string,
  options: ResourceLimitsOptions,
  prefix = "",
): CallLimits {
  const own = ownOptions(where, options, ["wallTime", "cpuTime", "memory"]);
  const { wallTime, cpuTime, memory } = own;
  if (wallTime !== undefined) checkDuration(`${prefix}wallTime`, wallTime);
  if (cpuTime !== undefined) checkDuration(`${prefix}cpuTime`, cpuTime);
  const bytes = memory === undefined ? undefined : toBytes(`${prefix}memory`, memory);
  const limits = setOf({ wallTime, cpuTime, memory: bytes });
  if (limitNames(limits).length === 0) {
    throw new TypeError(`${where} needs one of wallTime, cpuTime and memory at least`);
  }
  if (typeof memory === "string") memoryTexts.set(limits, memory);
  return limits;
}

/** Combines limits; of each limit, the tighter value applies. */
export function tighterLimits(one: CallLimits, other: CallLimits): CallLimits {
  if (one === NO_LIMITS) return other;
  const limits = setOf({
    wallTime: lower(one.wallTime, other.wallTime),
    cpuTime: lower(one.cpuTime, other.cpuTime),
    memory: lower(one.memory, other.memory),
  });
  const text = memoryTexts.get(limits.memory === one.memory ? one : other);
  if (text !== undefined) memoryTexts.set(limits, text);
  return limits;
}

function setOf(limits: CallLimits): CallLimits {
  const entries = limitNames(limits).map((name) => [name, limits[name]]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

function lower(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
