/** The kinds of tasks whose results a journal keeps. Many of their calls are equal. @module */

import type { Kind } from "./kinds.ts";
import { either, failsWith, gives, isCancelled } from "./outcome.ts";

const DIFFERENT = 40;

/** What makes calls equal, in place of their arguments. */
export function journalKey(n: number): number {
  return n % DIFFERENT;
}

const kept = gives((n) => `result ${journalKey(n)}`);

/** Their second argument is the number of different calls. */
export const journaled: readonly Kind[] = [
  {
    name: "journaled",
    weight: 200,
    run: (n, different) => `result ${n % Number(different)}`,
    extra: DIFFERENT,
    journaled: true,
    expected: kept,
  },
  {
    name: "journaled, rejects",
    weight: 50,
    run: async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      throw new RangeError(`rejected by ${n}`);
    },
    journaled: true,
    expected: failsWith("RangeError", (n) => `rejected by ${n}`),
  },
  {
    name: "journaled, cancelled at some time",
    weight: 100,
    run: async (n, different) => {
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      return `result ${n % Number(different)}`;
    },
    extra: DIFFERENT,
    journaled: true,
    cancellation: "cancel at some time",
    expected: either(kept, isCancelled),
  },
];
