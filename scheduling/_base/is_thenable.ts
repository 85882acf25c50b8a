/** Tells promises and their like from other values. @module */

/** Whether the value has a method `then`, as promises do. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
