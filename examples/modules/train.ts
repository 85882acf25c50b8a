/** A module that workers load. Its function may use imports, constants and other functions. */

const BEST_DEPTH = 4;

function distance(depth: number): number {
  return Math.abs(depth - BEST_DEPTH);
}

/** Returns a score that is best at one depth. */
export function train(depth: number): number {
  return 1 / (1 + distance(depth));
}
