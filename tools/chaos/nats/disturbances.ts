/** What happens to the workers, the server and the network while tasks run, from a seed. @module */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The kinds of disturbances. */
export type DisturbanceName =
  | "worker stopped"
  | "worker stopped for long"
  | "worker killed and replaced"
  | "server killed and restarted"
  | "connection cut"
  | "connection frozen"
  | "scheduler blocked";

/** One disturbance. */
export interface Disturbance {
  readonly name: DisturbanceName;
  /** Milliseconds between the disturbance before and this one. */
  readonly pause: number;
  /** The place of the worker that it hits, if it hits one. */
  readonly worker: number;
  /** How many milliseconds it lasts. */
  readonly duration: number;
}

/** After so many milliseconds without an answer, a worker is lost. */
export const LOST_AFTER = 6_000;

interface Range {
  readonly weight: number;
  readonly from: number;
  readonly to: number;
}

const RANGES: Readonly<Record<Exclude<DisturbanceName, "scheduler blocked">, Range>> = {
  "worker stopped": { weight: 4, from: 1_000, to: 4_000 },
  "worker stopped for long": { weight: 2, from: LOST_AFTER + 2_000, to: LOST_AFTER + 4_000 },
  "worker killed and replaced": { weight: 4, from: 0, to: 2_000 },
  "server killed and restarted": { weight: 2, from: 0, to: 3_000 },
  "connection cut": { weight: 2, from: 500, to: 3_000 },
  "connection frozen": { weight: 2, from: 1_000, to: LOST_AFTER + 2_000 },
};
const TOTAL = Object.values(RANGES).reduce((sum, { weight }) => sum + weight, 0);

const MIN_PAUSE = 200;
const MAX_PAUSE = 1_500;
// Early, so that it happens in every run.
const BLOCK_AT = 2;

/**
 * Plans the disturbances, without end: the same ones for the same seed. They hit the first `victims` workers; the
 * scheduler's loop is blocked once, for `block` milliseconds.
 */
export function* disturbances(
  seed: number,
  victims: number,
  block: number,
): Generator<Disturbance> {
  const random = xoroshiro128plus(seed);
  const between = (from: number, to: number) => uniformInt(random, from, to);
  for (let count = 0;; count++) {
    const pause = between(MIN_PAUSE, MAX_PAUSE);
    const worker = between(0, victims - 1);
    if (count === BLOCK_AT) {
      yield { name: "scheduler blocked", pause, worker, duration: block };
      continue;
    }
    const name = at(between(0, TOTAL - 1));
    yield { name, pause, worker, duration: between(RANGES[name].from, RANGES[name].to) };
  }
}

function at(share: number): keyof typeof RANGES {
  let rest = share;
  for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    if (rest < RANGES[name].weight) return name;
    rest -= RANGES[name].weight;
  }
  throw new RangeError(`There is no share ${share}`);
}
