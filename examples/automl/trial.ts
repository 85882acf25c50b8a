/**
 * A trial, which is the argument of a call, and the error of a failed one.
 *
 * @module
 */

import { randomStream } from "./random.ts";
import { type Configuration, sampleConfiguration } from "./search_space.ts";

/** A configuration in the search. */
export interface Candidate {
  /** From 1 on. With the seed of the search, it determines the whole candidate. */
  readonly id: number;
  /** The configuration. */
  readonly configuration: Configuration;
  /** The seed of the model. */
  readonly seed: number;
}

/** A candidate with a budget. */
export interface Trial extends Candidate {
  /** The number of digits to train on. */
  readonly budget: number;
}

/** How good the model of a trial is, during its training and at the end. */
export interface Report {
  /** How much of the training is done: a quarter, a half, three quarters, or all. */
  readonly checkpoint: number;
  /** The share of validation images that it classifies correctly. */
  readonly accuracy: number;
}

/** Thrown when a configuration cannot be trained. */
export class TrialError extends Error {
  /** The name of the class. */
  override readonly name = "TrialError";
}

/** Draws the candidates of a search at random. */
export function sampleCandidates(seed: number, count: number): Candidate[] {
  return Array.from({ length: count }, (_, i) => {
    const id = i + 1;
    const random = randomStream(seed, id);
    const configuration = sampleConfiguration(random);
    return { id, configuration, seed: random.integer(0, 2 ** 31 - 1) };
  });
}
