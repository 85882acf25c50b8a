/** Which task comes when: decided by the seed alone. @module */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Kind } from "./kinds.ts";

/** A task that is to be submitted. */
export interface Planned {
  readonly n: number;
  readonly kind: Kind;
  /** For those that are cancelled at some time: when. */
  readonly milliseconds: number;
}

// About as long as such a task waits and runs.
const MAX_MILLISECONDS = 60;

/** The same tasks in the same order for the same seed. */
export function plan(seed: number, tasks: number, kinds: readonly Kind[]): readonly Planned[] {
  const random = xoroshiro128plus(seed);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: tasks }, (_, n) => ({
    n,
    kind: at(kinds, uniformInt(random, 0, total - 1)),
    milliseconds: uniformInt(random, 0, MAX_MILLISECONDS),
  }));
}

/** The kind into whose share of the sum of weights `share` falls. */
function at(kinds: readonly Kind[], share: number): Kind {
  let rest = share;
  for (const kind of kinds) {
    if (rest < kind.weight) return kind;
    rest -= kind.weight;
  }
  throw new RangeError(`There is no share ${share}`);
}
