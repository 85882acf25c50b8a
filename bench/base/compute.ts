/** Work of a given duration. @module */

/** Computes for so many milliseconds, and returns how many it took. */
export function compute(ms: number): number {
  const since = performance.now();
  let taken = 0;
  while (taken < ms) taken = performance.now() - since;
  return taken;
}
