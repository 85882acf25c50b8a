import type { Matrix } from "ml-matrix";

/** The part of `ml-logistic-regression` that the example uses; the package has no types. */
export default class LogisticRegression {
  constructor(options?: { numSteps?: number; learningRate?: number });
  train(rows: Matrix, labels: Matrix): void;
  predict(rows: Matrix): number[];
}
