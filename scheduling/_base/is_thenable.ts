/** Recognizes promises and similar objects. @module */

/** Whether the value has a method `then`, like a promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

/** In the prototype of futures. Workers know these by it alone: `structuredClone()` would empty them. */
export const FUTURE: unique symbol = Symbol("future");
