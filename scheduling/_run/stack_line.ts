/** The line in the stack of a raised error that names its call. @module */

import type { RunFailure } from "./decisions.ts";

/** Adds the call as a last line to the stack of an error, once, and returns the error. */
export function withStackLine({ error, call }: RunFailure): unknown {
  if (call === undefined) return error;
  const line = `\n    at ${call}`;
  try {
    const { stack } = error as { stack?: unknown };
    if (typeof stack === "string" && !stack.endsWith(line)) {
      Reflect.set(error as object, "stack", stack + line);
    }
  } catch {
    // Not an object, or its `stack` throws: it is raised unchanged.
  }
  return error;
}
