/** `@std/async/delay` with its types, answered by the npm package `deno-std`. @module */
import * as untyped from "deno-std/async/delay.js";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the delay early; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the timer keeps the process alive. */
  persistent?: boolean;
}

/** Resolves after `ms` milliseconds. */
export const delay: (ms: number, options?: DelayOptions) => Promise<void> = untyped.delay;
