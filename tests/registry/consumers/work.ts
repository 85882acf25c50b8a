/** A module of the consumer, whose functions run in workers. @module */

import { assertEquals } from "@std/assert";

/** Checks that its arguments are numbers, and returns their sum. */
export function add(a: number, b: number): number {
  assertEquals([typeof a, typeof b], ["number", "number"]);
  return a + b;
}
