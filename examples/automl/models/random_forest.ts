/**
 * A random forest: many trees, each grown on some of the images and pixels, vote.
 *
 * @module
 */

// @ts-types="../types/ml_random_forest.d.ts"
import { RandomForestClassifier } from "ml-random-forest";
import { CLASS_COUNT } from "../dataset.ts";
import type { Rows } from "../rows.ts";
import type { RandomForest } from "../search_space.ts";
import type { Stage } from "./model.ts";

// The time for a tree of this library is quadratic in its rows, so each forest gets only some.
const ROWS_PER_FOREST = 150;

/** Trains several forests, each on a part of the rows. The trees of all of them vote. */
export function* trainRandomForest(
  { trees, depth, pixels }: RandomForest,
  { features, labels }: Rows,
  seed: number,
): Iterable<Stage> {
  const forests: RandomForestClassifier[] = [];
  for (let from = 0; from < features.length; from += ROWS_PER_FOREST) {
    const forest = new RandomForestClassifier({
      seed: (seed + from) | 0,
      nEstimators: trees,
      maxFeatures: pixels,
      replacement: false,
      noOOB: true,
      treeOptions: { maxDepth: depth },
    });
    const to = Math.min(from + ROWS_PER_FOREST, features.length);
    forest.train(features.slice(from, to), labels.slice(from, to));
    forests.push(forest);
    yield { share: to / features.length, predict: (images) => vote(forests, images) };
  }
}

function vote(forests: readonly RandomForestClassifier[], images: Rows["features"]): number[] {
  return mostVotes(forests.map((forest) => forest.predictionValues(images)), images);
}

function mostVotes(
  opinions: readonly { getRow(i: number): number[] }[],
  images: Rows["features"],
): number[] {
  return images.map((_, i) => {
    const votes = new Array<number>(CLASS_COUNT).fill(0);
    for (const label of opinions.flatMap((opinion) => opinion.getRow(i))) {
      votes[label] = (votes[label] ?? 0) + 1;
    }
    return votes.indexOf(Math.max(...votes));
  });
}
