/**
 * Plugins of tasks.
 *
 * @module
 */

export { Limiter, type LimiterEvents, type LimiterOptions } from "./limiter.ts";
