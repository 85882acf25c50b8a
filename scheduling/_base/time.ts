/**
 * The only module that uses clocks and timers of the platform. Durations that users give are
 * measured by the global timers of that moment, so that the fake clock of a test drives them. The
 * pool uses the timers that were global when this module was loaded: a fake clock must not stop the
 * pool.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import { deadline } from "@std/async/deadline";
import { withoutContext } from "./async_context.ts";
import { denoVersion } from "./deno_version.ts";

export { clearImmediate, setImmediate };

/** The timers of one clock: a timer must be cleared by the clock that set it. */
export type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout">;

// Longer timers of the platform fire at once.
const LONGEST_TIMER = 2 ** 31 - 1;
const TIME_UP = Symbol("time up");
// Long enough for the event loop to read what has arrived.
const GRACE_STEP_MS = 50;

const { setInterval, clearInterval } = globalThis;
const poolTimers = userTimers();
const readClock = performance.now.bind(performance);

/** The class of the platform, also of dates that are made while a test fakes the clock. */
export const Date: DateConstructor = globalThis.Date;
export const queueMicrotask: typeof globalThis.queueMicrotask = globalThis.queueMicrotask;

/** The origin of `now()` on the clock of `Date`. Read once, because the getter is slow. */
export const timeOrigin: number = performance.timeOrigin;

/** Milliseconds on the monotonic clock of this process, like `performance.now()`. */
export function now(): number {
  return readClock();
}

/** The current global timers, for a duration that a user gives. */
export function userTimers(): Timers {
  const { setTimeout, clearTimeout } = globalThis;
  return { setTimeout, clearTimeout };
}

/** Milliseconds on the clock that user timers follow: that of `Date`, because tests fake that one. */
export function userNow(): number {
  return globalThis.Date.now();
}

/** Whether `promise` resolves within `ms` milliseconds, of any length; throws if it rejects. */
export function settlesWithin(
  promise: Promise<unknown>,
  ms: number,
  timers: Timers,
): Promise<boolean> {
  return settlesBefore(promise, (timeUp) => callAfter(ms, timeUp, timers));
}

/** Whether `promise` resolves within a grace period, measured like that of `callAfterGrace()`; throws if it rejects. */
export function settlesInGrace(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return settlesBefore(promise, (timeUp) => callAfterGrace(ms, timeUp));
}

async function settlesBefore(
  promise: Promise<unknown>,
  whenOver: (timeUp: () => void) => () => void,
): Promise<boolean> {
  const timeUp = new AbortController();
  const cancel = whenOver(() => timeUp.abort(TIME_UP));
  try {
    // A timer made by deadline() could not be cleared, and would outlive the promise.
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
 * Calls `fn` after `ms` milliseconds, of any length; returns a function that cancels it. The timer
 * outlives the calling code, so `fn` is called without its async context.
 */
export function callAfter(ms: number, fn: () => void, timers: Timers = poolTimers): () => void {
  return callInSteps(ms, fn, timers, LONGEST_TIMER);
}

/**
 * Like `callAfter()`, for the time that another thread or program gets to do something: a stall of the machine
 * or of this thread, however long, takes at most 50 milliseconds of it. The other one may have been stalled
 * too, and what it has sent is read only after the timer that fires when the stall ends.
 */
export function callAfterGrace(ms: number, fn: () => void): () => void {
  return callInSteps(ms, fn, poolTimers, GRACE_STEP_MS);
}

/**
 * Like `callAfter()`, for a limit on another thread or program: if this thread was busy when the time was up, it
 * first reads what the other one has sent until then.
 */
export function callAfterReading(ms: number, fn: () => void): () => void {
  const dueAt = now() + ms;
  let cancel = callAfter(ms, () => {
    if (now() - dueAt < GRACE_STEP_MS) fn();
    else cancel = callAfterGrace(GRACE_STEP_MS, fn);
  });
  return () => cancel();
}

function callInSteps(ms: number, fn: () => void, timers: Timers, longest: number): () => void {
  const { setTimeout, clearTimeout } = timers;
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    const step = Math.min(left, longest);
    timer = setTimeout(() => left > step ? wait(left - step) : fn(), step);
  };
  withoutContext(() => wait(ms));
  return () => clearTimeout(timer);
}

/** Resolves after `ms` milliseconds, of any length. */
export function pause(ms: number, timers: Timers = poolTimers): Promise<void> {
  return new Promise((resolve) => callAfter(ms, resolve, timers));
}

/** Keeps the process alive until the returned function is called. */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, longestSleep());
  return () => clearInterval(timer);
}

/**
 * The longest sleep of the event loop during a run, in milliseconds. In Deno 2.6.0 and 2.6.1, an
 * immediate waits for the next timer.
 */
export function longestSleep(deno: string | null = denoVersion()): number {
  return deno === "2.6.0" || deno === "2.6.1" ? 2 : LONGEST_TIMER;
}
