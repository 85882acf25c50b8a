/**
 * What the search knows of a model.
 *
 * @module
 */

import type { Rows } from "../rows.ts";

/** A trained model: says which digits images show. */
export type Predict = (features: Rows["features"]) => ArrayLike<number>;

/**
 * Trains a model. The same configuration, rows and seed give the same model, in whichever worker.
 *
 * @typeParam C Its hyperparameters.
 */
export type Train<C> = (configuration: C, rows: Rows, seed: number) => Predict | Promise<Predict>;

/** The share of images whose digit a model finds. */
export function accuracy(predict: Predict, { features, labels }: Rows): number {
  const predicted = predict(features);
  const correct = labels.filter((label, i) => predicted[i] === label).length;
  return correct / labels.length;
}
