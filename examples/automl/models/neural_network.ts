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
import type { Predict } from "./model.ts";

// Otherwise each worker prints advice to install a native backend.
tf.enableProdMode();

/** Trains a network with initial weights from the seed, on rows in their order. */
export async function trainNeuralNetwork(
  { hidden, epochs, learningRate }: NeuralNetwork,
  { features, labels }: Rows,
  seed: number,
): Promise<Predict> {
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
  await network.fit(images, digits, {
    epochs,
    batchSize: 32,
    // The library would shuffle with Math.random(), which has no seed.
    shuffle: false,
    yieldEvery: "never",
    verbose: 0,
  });
  tf.dispose([images, digits]);
  return (features) =>
    tf.tidy(() => tf.argMax(network.predict(toTensor(features)) as tf.Tensor, 1).dataSync());
}

function toTensor(features: Rows["features"]): tf.Tensor2D {
  return tf.tensor2d(features.map((row) => [...row]));
}
