/**
 * What the search needs to know about a model.
 *
 * @module
 */

import type { Rows } from "../rows.ts";

/** A trained model: predicts the digit of each image. */
export type Predict = (features: Rows["features"]) => ArrayLike<number>;

/** A model after a part of its training. */
export interface Stage {
  /** How much of the training is done, from above 0 to 1. */
  readonly share: number;
  /** The model so far. */
  readonly predict: Predict;
}

/**
 * Trains a model in stages, of which the last one is complete. The same configuration, rows and seed give
 * the same stages in every worker.
 */
export type Training = AsyncIterable<Stage> | Iterable<Stage>;

/** The share of images that a model classifies correctly. */
export function accuracy(predict: Predict, { features, labels }: Rows): number {
  const predicted = predict(features);
  const correct = labels.filter((label, i) => predicted[i] === label).length;
  return correct / labels.length;
}
