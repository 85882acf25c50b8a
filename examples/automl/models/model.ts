/**
 * What the search needs to know about a model.
 *
 * @module
 */

import type { Rows } from "../rows.ts";

/** A trained model: predicts the digit of each image. */
export type Predict = (features: Rows["features"]) => ArrayLike<number>;

/**
 * Trains a model. The same configuration, rows and seed give the same model in every worker.
 *
 * @typeParam C Its hyperparameters.
 */
export type Train<C> = (configuration: C, rows: Rows, seed: number) => Predict | Promise<Predict>;

/** The share of images that a model classifies correctly. */
export function accuracy(predict: Predict, { features, labels }: Rows): number {
  const predicted = predict(features);
  const correct = labels.filter((label, i) => predicted[i] === label).length;
  return correct / labels.length;
}
