/** Checks that a measurement did its work, and the arithmetic of rates. @module */

/** Throws on a wrong sum, because work that was skipped would look fast. */
export function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`The sum is ${actual}, not ${expected}`);
}

/** 0 + 1 + … + (count − 1). */
export function sumBelow(count: number): number {
  return count * (count - 1) / 2;
}

/** Operations per second since a time of `performance.now()`. */
export function rate(operations: number, since: number): number {
  return operations / ((performance.now() - since) / 1000);
}

/** Microseconds per operation since a time of `performance.now()`. */
export function microsecondsEach(operations: number, since: number): number {
  return (performance.now() - since) * 1000 / operations;
}
