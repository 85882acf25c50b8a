/** `@std/assert` with its types, answered by the npm package `deno-std`. @module */
import * as untyped from "deno-std/assert/mod.js";

// deno-lint-ignore no-explicit-any -- the constructor of any error class, as in @std/assert
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Thrown by every failing assertion. */
export const AssertionError: new (message: string) => Error = untyped.AssertionError;
/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message?: string): asserts condition {
  untyped.assert(condition, message);
}
/** Fails unless both are deeply equal. */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void =
  untyped.assertEquals;
/** Fails when both are deeply equal. */
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void =
  untyped.assertNotEquals;
/** Fails unless both are the same value. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  untyped.assertStrictEquals(actual, expected, message);
}
/** Fails unless `value` is neither undefined nor null. */
export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T> {
  untyped.assertExists(value, message);
}
/** Fails unless `value` is an instance of `type`. */
export function assertInstanceOf<T>(
  value: unknown,
  // deno-lint-ignore no-explicit-any -- the constructor of any class, as in @std/assert
  type: abstract new (...args: any[]) => T,
  message?: string,
): asserts value is T {
  untyped.assertInstanceOf(value, type, message);
}
/** Fails unless `text` matches `pattern`. */
export const assertMatch: (text: string, pattern: RegExp, message?: string) => void =
  untyped.assertMatch;
/** Fails unless `text` contains `part`. */
export const assertStringIncludes: (text: string, part: string, message?: string) => void =
  untyped.assertStringIncludes;
/** Fails unless `value` is greater than or equal to `other`. */
export const assertGreaterOrEqual: <T>(value: T, other: T, message?: string) => void =
  untyped.assertGreaterOrEqual;
/** Fails unless `value` is greater than `other`. */
export const assertGreater: <T>(value: T, other: T, message?: string) => void =
  untyped.assertGreater;
/** Fails unless `value` is less than `other`. */
export const assertLess: <T>(value: T, other: T, message?: string) => void = untyped.assertLess;
/** Fails unless `fn` throws such an error; returns it. */
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  type?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
) => E = untyped.assertThrows;
/** Fails unless the promise of `fn` rejects with such an error; returns it. */
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
) => Promise<E> = untyped.assertRejects;
/** Fails always. */
export const fail: (message?: string) => never = untyped.fail;
