/** `@std/async/deadline` with its types, answered by the npm package `deno-std`. @module */
import * as untyped from "deno-std/async/deadline.js";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Aborts the waiting before the time is up. */
  signal?: AbortSignal;
}

/** Rejects with a `TimeoutError` if `p` has not settled after `ms` milliseconds. */
export const deadline: <T>(
  p: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
) => Promise<T> = untyped.deadline;
