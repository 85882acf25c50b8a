/**
 * The module of the workers: its functions are the tasks of the search.
 *
 * @module
 */

import type { WorkerComm } from "@amltk/scheduling";
import type { Dataset, Split } from "./dataset.ts";
import { trainLogisticRegression } from "./models/logistic_regression.ts";
import { accuracy, type Training } from "./models/model.ts";
import { trainNearestNeighbors } from "./models/nearest_neighbors.ts";
import { trainNeuralNetwork } from "./models/neural_network.ts";
import { trainRandomForest } from "./models/random_forest.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { Configuration } from "./search_space.ts";
import { type Report, type Trial, TrialError } from "./trial.ts";

const SMALL: readonly Configuration[] = [
  { family: "nearest-neighbors", resolution: 5, neighbors: 1, distance: "euclidean" },
  { family: "random-forest", resolution: 5, trees: 1, depth: 4, pixels: 4 },
  { family: "logistic-regression", resolution: 10, steps: 2, learningRate: 1 },
  { family: "neural-network", resolution: 10, hidden: 8, epochs: 1, learningRate: 0.01 },
];

// How many images a model is tested on before its training is complete.
const PEEK_COUNT = 250;
// How many reports a complete training makes, if it has so many stages.
const REPORTS = 4;

/**
 * Trains the model of a trial, and reports its accuracy on the way. It ends early when its signal aborts.
 *
 * @param comm Receives the reports.
 * @param data The data set.
 * @param trial The configuration and its budget.
 * @param split The split to test on.
 * @returns all reports. The last one has the accuracy of the model.
 * @throws {TrialError} when the configuration cannot be trained.
 */
export async function evaluate(
  comm: WorkerComm<{ sent: Report }>,
  data: Dataset,
  trial: Trial,
  split: Split,
): Promise<Report[]> {
  const reports: Report[] = [];
  for await (const report of reportsOf(data, trial, split)) {
    reports.push(report);
    comm.send(report);
    if (comm.signal.aborted) break;
  }
  return reports;
}

/** The accuracy at each checkpoint. */
async function* reportsOf(data: Dataset, trial: Trial, split: Split): AsyncGenerator<Report> {
  const { configuration, budget, seed } = trial;
  const { resolution } = configuration;
  let last = 0;
  try {
    const rows = rowsOf(data, resolution, "training", budget);
    for await (const { share, predict } of train(configuration, rows, seed)) {
      const checkpoint = Math.floor(share * REPORTS) / REPORTS;
      if (checkpoint === last) continue;
      last = checkpoint;
      const count = share < 1 ? PEEK_COUNT : data.count;
      yield { checkpoint, accuracy: accuracy(predict, rowsOf(data, resolution, split, count)) };
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TrialError(reason, { cause: error });
  }
}

function train(configuration: Configuration, rows: Rows, seed: number): Training {
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
    const trial = { id: 0, configuration, budget: 100, seed: 1 };
    await Array.fromAsync(reportsOf(data, trial, "validation"));
  }
}
