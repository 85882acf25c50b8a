/**
 * A neural network with one hidden layer.
 *
 * @module
 */

import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { initializers, layers, sequential } from "@tensorflow/tfjs-layers";
import { CLASS_COUNT } from "../dataset.ts";
import type { Rows } from "../rows.ts";
import type { NeuralNetwork } from "../search_space.ts";
import type { Stage } from "./model.ts";

// Otherwise each worker prints advice to install a native backend.
tf.enableProdMode();

/** Trains a network with initial weights from the seed, on rows in their order, epoch by epoch. */
export async function* trainNeuralNetwork(
  { hidden, epochs, learningRate }: NeuralNetwork,
  { features, labels }: Rows,
  seed: number,
): AsyncIterable<Stage> {
  const network = sequential({
    layers: [
      layers.dense({
        units: hidden,
        activation: "relu",
        inputShape: [features[0]?.length ?? 0],
        kernelInitializer: initializers.heNormal({ seed }),
      }),
      layers.dense({
        units: CLASS_COUNT,
        activation: "softmax",
        kernelInitializer: initializers.glorotNormal({ seed }),
      }),
    ],
  });
  network.compile({
    optimizer: tf.train.adam(learningRate),
    loss: "sparseCategoricalCrossentropy",
  });
  const images = toTensor(features);
  const digits = tf.tensor1d([...labels], "float32");
  const predict = (features: Rows["features"]) =>
    tf.tidy(() => tf.argMax(network.predict(toTensor(features)) as tf.Tensor, 1).dataSync());
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await network.fit(images, digits, {
        epochs: 1,
        batchSize: 32,
        // The library would shuffle with Math.random(), which has no seed.
        shuffle: false,
        yieldEvery: "never",
        verbose: 0,
      });
      yield { share: epoch / epochs, predict };
    }
  } finally {
    tf.dispose([images, digits]);
  }
}

function toTensor(features: Rows["features"]): tf.Tensor2D {
  return tf.tensor2d(features.map((row) => [...row]));
}
