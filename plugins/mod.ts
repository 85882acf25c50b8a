/**
 * Plugins of tasks.
 *
 * @module
 */

export { Limits, type LimitsEvents, type LimitsOptions } from "./limits.ts";
export { Limiter, type LimiterEvents, type LimiterOptions } from "./limiter.ts";
