/**
 * The only place that uses clocks and timers of the platform. What users say in milliseconds follows
 * the timers that are found when it is said, so that a fake clock of a test drives it. The pool's own
 * timers are those of the time when this module was loaded: a fake clock must not stop the pool.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import { deadline } from "@std/async/deadline";
import { withoutContext } from "./async_context.ts";
import { denoVersion } from "./deno_version.ts";

export { clearImmediate, setImmediate };

/** Timers of one clock, which is to clear what it has set. */
export type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout">;

// Timers of the platform above this fire at once.
const LONGEST_TIMER = 2 ** 31 - 1;
const TIME_UP = Symbol("time up");

const { setInterval, clearInterval } = globalThis;
const poolTimers = userTimers();
const readClock = performance.now.bind(performance);

export const queueMicrotask: typeof globalThis.queueMicrotask = globalThis.queueMicrotask;

/** What `now()` counts from, on the clock of `Date`. Read once, because the getter is slow. */
export const timeOrigin: number = performance.timeOrigin;

/** Milliseconds on the monotonic clock of this process, as `performance.now()` has them. */
export function now(): number {
  return readClock();
}

/** The timers for what a user has said in milliseconds just now. */
export function userTimers(): Timers {
  const { setTimeout, clearTimeout } = globalThis;
  return { setTimeout, clearTimeout };
}

/** Whether `promise` settles within `ms` milliseconds, however many; its rejection is passed on. */
export async function settlesWithin(
  promise: Promise<unknown>,
  ms: number,
  timers: Timers = poolTimers,
): Promise<boolean> {
  const timeUp = new AbortController();
  const cancel = callAfter(ms, () => timeUp.abort(TIME_UP), timers);
  try {
    // The timer that deadline() would make itself cannot be cleared: it would outlive the promise.
    await deadline(promise, Infinity, { signal: timeUp.signal });
    return true;
  } catch (error) {
    if (error === TIME_UP) return false;
    throw error;
  } finally {
    cancel();
  }
}

/**
 * Calls `fn` after `ms` milliseconds, however many; returns the way to cancel it. A timer outlives the
 * code that sets it, so `fn` is called without its async context.
 */
export function callAfter(ms: number, fn: () => void, timers: Timers = poolTimers): () => void {
  const { setTimeout, clearTimeout } = timers;
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    const step = Math.min(left, LONGEST_TIMER);
    timer = setTimeout(() => left > step ? wait(left - step) : fn(), step);
  };
  withoutContext(() => wait(ms));
  return () => clearTimeout(timer);
}

/** Keeps the process from exiting; returns the way to let it. */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, longestSleep());
  return () => clearInterval(timer);
}

/**
 * How many milliseconds the event loop may sleep during a run. In Deno 2.6.0 and 2.6.1 an immediate
 * waits for the next timer.
 */
export function longestSleep(deno: string | null = denoVersion()): number {
  return deno === "2.6.0" || deno === "2.6.1" ? 2 : LONGEST_TIMER;
}
