/**
 * The `process` of Node in a worker. It is not loaded for its own sake, because that takes longer than to
 * load all modules of a worker.
 *
 * @module
 */

import type process from "node:process";

type Process = typeof process;

const FLAG = "dispatchProcessExitEvent";

/** The global `process` where Deno loads it with itself, as before 2.9; undefined where it loads on use. */
export const processAtStart: Process | undefined = Object.getOwnPropertyDescriptor(
  globalThis,
  "process",
)?.value;

// Internal to Deno, which adds a function of that name when `node:process` loads.
const { internal } = Deno as unknown as { readonly internal?: symbol };
const internals = internal === undefined ? undefined : Reflect.get(Deno, internal) as object;

/** The `process` of Node if a task may have loaded it, not what a task has put in its place. */
export async function processIfLoaded(): Promise<Process | undefined> {
  if (processAtStart !== undefined) return processAtStart;
  if (internals !== undefined && !(FLAG in internals)) return undefined;
  return (await import("node:process")).default;
}
