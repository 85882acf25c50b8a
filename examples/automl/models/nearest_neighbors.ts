/**
 * Nearest neighbors: an image shows what most of the training images that look like it show.
 *
 * @module
 */

// @ts-types="../types/ml_knn.d.ts"
import KNN from "ml-knn";
import type { Rows } from "../rows.ts";
import type { NearestNeighbors } from "../search_space.ts";
import type { Predict } from "./model.ts";

/** Nothing here is random: there is no seed. */
export function trainNearestNeighbors(
  { neighbors, distance }: NearestNeighbors,
  { features, labels }: Rows,
): Predict {
  const model = new KNN(features, labels, {
    k: neighbors,
    ...(distance === "manhattan" ? { distance: manhattan } : {}),
  });
  return (images) => model.predict(images);
}

function manhattan(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum;
}
