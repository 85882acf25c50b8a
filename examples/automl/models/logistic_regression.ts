/**
 * Logistic regression: one linear model for each digit against the others.
 *
 * @module
 */

// @ts-types="../types/ml_logistic_regression.d.ts"
import LogisticRegressionModel from "ml-logistic-regression";
import { Matrix } from "ml-matrix";
import type { Rows } from "../rows.ts";
import type { LogisticRegression } from "../search_space.ts";
import type { Stage } from "./model.ts";

/** Needs no seed: it starts from zero and uses all rows in each step. The library trains in one go. */
export function* trainLogisticRegression(
  { steps, learningRate }: LogisticRegression,
  { features, labels }: Rows,
): Iterable<Stage> {
  const model = new LogisticRegressionModel({
    numSteps: steps,
    // The library sums the gradients of all rows instead of averaging them.
    learningRate: learningRate / features.length,
  });
  model.train(toMatrix(features), Matrix.columnVector(labels));
  yield { share: 1, predict: (images) => model.predict(toMatrix(images)) };
}

function toMatrix(features: Rows["features"]): Matrix {
  return new Matrix(features.map((row) => [...row]));
}
