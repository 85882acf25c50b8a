/**
 * The module of the workers: its functions are the tasks of the search.
 *
 * @module
 */

import type { Dataset, Split } from "./dataset.ts";
import { trainLogisticRegression } from "./models/logistic_regression.ts";
import { accuracy, type Predict } from "./models/model.ts";
import { trainNearestNeighbors } from "./models/nearest_neighbors.ts";
import { trainNeuralNetwork } from "./models/neural_network.ts";
import { trainRandomForest } from "./models/random_forest.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { Configuration } from "./search_space.ts";
import { type Trial, TrialError } from "./trial.ts";

const SMALL: readonly Configuration[] = [
  { family: "nearest-neighbors", resolution: 5, neighbors: 1, distance: "euclidean" },
  { family: "random-forest", resolution: 5, trees: 1, depth: 4, pixels: 4 },
  { family: "logistic-regression", resolution: 10, steps: 2, learningRate: 1 },
  { family: "neural-network", resolution: 10, hidden: 8, epochs: 1, learningRate: 0.01 },
];

/**
 * Trains the model of a trial.
 *
 * @param data The data set, in shared memory.
 * @param trial The configuration and its budget.
 * @param split The split to test on.
 * @returns the share of its images that the model classifies correctly.
 * @throws {TrialError} when the configuration cannot be trained.
 */
export async function evaluate(data: Dataset, trial: Trial, split: Split): Promise<number> {
  const { configuration, budget, seed } = trial;
  const { resolution } = configuration;
  try {
    const predict = await train(configuration, rowsOf(data, resolution, "training", budget), seed);
    return accuracy(predict, rowsOf(data, resolution, split));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TrialError(reason, { cause: error });
  }
}

function train(configuration: Configuration, rows: Rows, seed: number): Predict | Promise<Predict> {
  switch (configuration.family) {
    case "nearest-neighbors":
      return trainNearestNeighbors(configuration, rows);
    case "random-forest":
      return trainRandomForest(configuration, rows, seed);
    case "logistic-regression":
      return trainLogisticRegression(configuration, rows);
    case "neural-network":
      return trainNeuralNetwork(configuration, rows, seed);
  }
}

/**
 * Warms a worker up: trains one small model of each family.
 *
 * @param data The data set, in shared memory.
 */
export async function warmUp(data: Dataset): Promise<void> {
  for (const configuration of SMALL) {
    await evaluate(data, { id: 0, configuration, budget: 100, seed: 1 }, "validation");
  }
}
