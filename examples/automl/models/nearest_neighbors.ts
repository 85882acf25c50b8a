/**
 * Nearest neighbors: the majority of the most similar training images decides.
 *
 * @module
 */

// @ts-types="../types/ml_knn.d.ts"
import KNN from "ml-knn";
import type { Rows } from "../rows.ts";
import type { NearestNeighbors } from "../search_space.ts";
import type { Stage } from "./model.ts";

/** Needs no seed: nothing here is random. The work is in the predictions. */
export function* trainNearestNeighbors(
  { neighbors, distance }: NearestNeighbors,
  { features, labels }: Rows,
): Iterable<Stage> {
  const model = new KNN(features, labels, {
    k: neighbors,
    ...(distance === "manhattan" ? { distance: manhattan } : {}),
  });
  yield { share: 1, predict: (images) => model.predict(images) };
}

function manhattan(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum;
}
