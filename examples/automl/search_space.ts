/**
 * The search space: four families of models, each with its hyperparameters.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** Width and height of the images as a model sees them. */
export type Resolution = 5 | 10;

/** Hyperparameters of nearest neighbors. */
export interface NearestNeighbors {
  readonly family: "nearest-neighbors";
  readonly resolution: Resolution;
  readonly neighbors: number;
  readonly distance: "euclidean" | "manhattan";
}

/** Hyperparameters of a random forest. */
export interface RandomForest {
  readonly family: "random-forest";
  readonly resolution: Resolution;
  readonly trees: number;
  readonly depth: number;
  /** The number of pixels that each tree sees. */
  readonly pixels: number;
}

/** Hyperparameters of logistic regression. */
export interface LogisticRegression {
  readonly family: "logistic-regression";
  readonly resolution: Resolution;
  readonly steps: number;
  readonly learningRate: number;
}

/** Hyperparameters of a neural network with one hidden layer. */
export interface NeuralNetwork {
  readonly family: "neural-network";
  readonly resolution: Resolution;
  readonly hidden: number;
  readonly epochs: number;
  readonly learningRate: number;
}

/** A family with its hyperparameters. */
export type Configuration = NearestNeighbors | RandomForest | LogisticRegression | NeuralNetwork;

/** Draws a random configuration. */
export function sampleConfiguration(random: Random): Configuration {
  const sample = random.pick([
    sampleNearestNeighbors,
    sampleRandomForest,
    sampleLogisticRegression,
    sampleNeuralNetwork,
  ]);
  return sample(random);
}

/** A configuration in a few words. */
export function describe({ family, resolution, ...others }: Configuration): string {
  const hyperparameters = Object.entries(others).map(([name, value]) =>
    `${name} ${typeof value === "number" ? Number(value.toPrecision(3)) : value}`
  );
  return `${family}: ${[`${resolution}x${resolution}`, ...hyperparameters].join(", ")}`;
}

function sampleNearestNeighbors(random: Random): NearestNeighbors {
  return {
    family: "nearest-neighbors",
    resolution: random.pick([5, 10]),
    neighbors: random.integer(1, 15),
    distance: random.pick(["euclidean", "manhattan"]),
  };
}

// An image of 5 by 5 has fewer than 32 pixels, so a forest that needs 32 fails. Search spaces have
// such corners where parameters depend on each other, and a search has to survive them.
function sampleRandomForest(random: Random): RandomForest {
  return {
    family: "random-forest",
    resolution: random.pick([5, 10]),
    trees: random.integer(2, 6),
    depth: random.integer(6, 12),
    pixels: random.pick([8, 16, 32]),
  };
}

function sampleLogisticRegression(random: Random): LogisticRegression {
  return {
    family: "logistic-regression",
    resolution: random.pick([5, 10]),
    steps: random.integer(20, 70),
    learningRate: random.logUniform(0.1, 10),
  };
}

function sampleNeuralNetwork(random: Random): NeuralNetwork {
  return {
    family: "neural-network",
    resolution: random.pick([5, 10]),
    hidden: random.pick([16, 32, 64]),
    epochs: random.integer(4, 12),
    learningRate: random.logUniform(0.001, 0.03),
  };
}
