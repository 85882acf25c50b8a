/** A module of the consumer, whose functions run in workers. @module */

import { assertEquals } from "@std/assert";

/** The sum of two numbers, which it checks to be such. */
export function add(a: number, b: number): number {
  assertEquals([typeof a, typeof b], ["number", "number"]);
  return a + b;
}
