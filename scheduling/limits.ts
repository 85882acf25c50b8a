/**
 * What a call may use up while it runs.
 *
 * @module
 */

/** What a call may use up, each counted from the start of its function. */
export interface CallLimits {
  /** Milliseconds until its end. */
  readonly wallTime?: number | undefined;
  /** Milliseconds of CPU time of its process, all threads together. */
  readonly cpuTime?: number | undefined;
  /** Bytes by which the memory of its process may grow. */
  readonly memory?: number | undefined;
}

/** The name of a limit. */
export type LimitName = keyof CallLimits;

/** No limits, as most calls have. */
export const NO_LIMITS: CallLimits = {};

/** The names of the limits that are set. */
export function limitNames(limits: CallLimits): LimitName[] {
  return (Object.keys(limits) as LimitName[]).filter((name) => limits[name] !== undefined);
}
