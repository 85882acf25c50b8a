/** A module for workers. @module */

/** Returns the number of its task. */
export function answer(n: number): number {
  return n;
}
