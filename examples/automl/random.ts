/**
 * Random numbers that depend only on a seed and on the number of a stream.
 *
 * @module
 */

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The stream that shuffles the data. Each trial uses the stream of its id, from 1 on. */
export const DATA_STREAM = 0;

/** A stream of random numbers. */
export interface Random {
  /** An integer in a range, both ends included. */
  integer(from: number, to: number): number;
  /** A number in a range whose logarithm is uniformly distributed. */
  logUniform(from: number, to: number): number;
  /** One of the choices. */
  pick<const T extends readonly unknown[]>(choices: T): T[number];
}

/** The stream with this number. A trial gets the same numbers in any worker, at any time. */
export function randomStream(seed: number, stream: number): Random {
  const generator = xoroshiro128plus(seed);
  for (let i = 0; i < stream; i++) generator.jump();
  return {
    integer: (from, to) => uniformInt(generator, from, to),
    logUniform: (from, to) => from * (to / from) ** uniformFloat64(generator),
    pick: (choices) => choices[uniformInt(generator, 0, choices.length - 1)],
  };
}

/** A random order of the integers below `count`. */
export function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}
