/**
 * The baseline that the winner has to beat.
 *
 * @module
 */

import { CLASS_COUNT, type Dataset } from "./dataset.ts";
import { accuracy } from "./models/model.ts";
import { type Rows, rowsOf } from "./rows.ts";

/**
 * The accuracy on the test digits of the nearest class mean: each image is taken for the digit
 * whose mean image is closest. The means are those of all training digits.
 */
export function baselineAccuracy(data: Dataset): number {
  const means = meansOf(rowsOf(data, 10, "training"));
  const predict = (features: Rows["features"]) => features.map((row) => nearest(means, row));
  return accuracy(predict, rowsOf(data, 10, "test"));
}

function meansOf({ features, labels }: Rows): number[][] {
  return Array.from({ length: CLASS_COUNT }, (_, label) => {
    const members = features.filter((_, i) => labels[i] === label);
    const [first = []] = members;
    return first.map((_, pixel) =>
      members.reduce((sum, row) => sum + (row[pixel] ?? 0), 0) / members.length
    );
  });
}

function nearest(means: readonly (readonly number[])[], row: readonly number[]): number {
  const distances = means.map((mean) =>
    mean.reduce((sum, value, pixel) => sum + (value - (row[pixel] ?? 0)) ** 2, 0)
  );
  return distances.indexOf(Math.min(...distances));
}
