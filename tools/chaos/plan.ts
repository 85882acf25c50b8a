/** The order of the tasks, which the seed alone determines. @module */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Kind } from "./kinds.ts";

/** A task to submit. */
export interface Planned {
  readonly n: number;
  readonly kind: Kind;
  /** The delay of the cancellation, for kinds that are cancelled at some time. */
  readonly milliseconds: number;
}

// About the time that such a task waits and runs.
const MAX_MILLISECONDS = 60;

/** Plans the tasks: the same ones in the same order for the same seed. */
export function plan(seed: number, tasks: number, kinds: readonly Kind[]): readonly Planned[] {
  const random = xoroshiro128plus(seed);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: tasks }, (_, n) => ({
    n,
    kind: at(kinds, uniformInt(random, 0, total - 1)),
    milliseconds: uniformInt(random, 0, MAX_MILLISECONDS),
  }));
}

/** Finds the kind at a position in the sum of all weights. */
function at(kinds: readonly Kind[], share: number): Kind {
  let rest = share;
  for (const kind of kinds) {
    if (rest < kind.weight) return kind;
    rest -= kind.weight;
  }
  throw new RangeError(`There is no share ${share}`);
}
