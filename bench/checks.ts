/** Measurements check that the work was done; here is what they compare and count with. @module */

/** Throws on a wrong sum: what is not computed costs nothing. */
export function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`The sum is ${actual}, not ${expected}`);
}

/** 0 + 1 + … + (count − 1). */
export function sumBelow(count: number): number {
  return count * (count - 1) / 2;
}

/** Operations in a second, from a moment of `performance.now()` until now. */
export function rate(operations: number, since: number): number {
  return operations / ((performance.now() - since) / 1000);
}

/** Microseconds for each operation, from a moment of `performance.now()` until now. */
export function microsecondsEach(operations: number, since: number): number {
  return (performance.now() - since) * 1000 / operations;
}
