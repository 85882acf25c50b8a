/** Checks that a measurement did its work, and the arithmetic of rates. @module */

/** Throws on a wrong sum, because work that was skipped would look fast. */
export function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`The sum is ${actual}, not ${expected}`);
}

/** 0 + 1 + … + (count − 1). */
export function sumBelow(count: number): number {
  return count * (count - 1) / 2;
}

/** Resolves to the sum of the numbers that `begin` has added, once there are `count`. */
export function sumOf(
  count: number,
  begin: (add: (n: number) => void) => void,
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let sum = 0;
  let missing = count;
  begin((n) => {
    sum += n;
    if (--missing === 0) resolve(sum);
  });
  return promise;
}

/** Operations per second since a time of `performance.now()`. */
export function rate(operations: number, since: number): number {
  return operations / ((performance.now() - since) / 1000);
}

/** Microseconds per operation since a time of `performance.now()`. */
export function microsecondsEach(operations: number, since: number): number {
  return (performance.now() - since) * 1000 / operations;
}
