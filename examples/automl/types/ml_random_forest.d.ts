import type { Matrix } from "ml-matrix";

/** The part of `ml-random-forest` that the example uses; its own types are not a module. */
export class RandomForestClassifier {
  constructor(options?: {
    seed?: number;
    nEstimators?: number;
    maxFeatures?: number;
    replacement?: boolean;
    noOOB?: boolean;
    treeOptions?: { maxDepth?: number };
  });
  train(rows: readonly (readonly number[])[], labels: readonly number[]): void;
  /** The prediction of each tree (column) for each row. */
  predictionValues(rows: readonly (readonly number[])[]): Matrix;
}
