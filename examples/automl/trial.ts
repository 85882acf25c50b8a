/**
 * A trial: what crosses to a worker, and the error that a failed one ends with.
 *
 * @module
 */

import { randomStream } from "./random.ts";
import { type Configuration, sampleConfiguration } from "./search_space.ts";

/** A configuration that takes part in the search. */
export interface Candidate {
  /** From 1 on; with the seed of the search it decides on all that is random here. */
  readonly id: number;
  /** What is tried. */
  readonly configuration: Configuration;
  /** The seed of the model. */
  readonly seed: number;
}

/** A candidate with a budget. */
export interface Trial extends Candidate {
  /** The number of digits to train on. */
  readonly budget: number;
}

/** A configuration cannot be trained. */
export class TrialError extends Error {
  /** The name of the class. */
  override readonly name = "TrialError";
}

/** Draws the candidates of a search. */
export function sampleCandidates(seed: number, count: number): Candidate[] {
  return Array.from({ length: count }, (_, i) => {
    const id = i + 1;
    const random = randomStream(seed, id);
    const configuration = sampleConfiguration(random);
    return { id, configuration, seed: random.integer(0, 2 ** 31 - 1) };
  });
}
