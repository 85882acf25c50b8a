/**
 * The data set as the libraries need it: arrays of numbers.
 *
 * @module
 */

import { type Dataset, rangeOf, SIDE, type Split } from "./dataset.ts";
import type { Resolution } from "./search_space.ts";

/** Images as rows of numbers from 0 to 1, with their digits. */
export interface Rows {
  /** One row for each image. */
  readonly features: readonly (readonly number[])[];
  /** The digit of each image. */
  readonly labels: readonly number[];
}

// Each worker makes the rows once and keeps them for all its trials.
const kept = new Map<string, Rows>();

/**
 * The rows of a split.
 *
 * @param data The data set.
 * @param resolution The width and height of the images.
 * @param split The split.
 * @param count The maximum number of rows.
 */
export function rowsOf(
  data: Dataset,
  resolution: Resolution,
  split: Split,
  count: number = data.count,
): Rows {
  const key = `${data.seed}/${resolution}`;
  const all = kept.get(key) ?? makeRows(data, resolution);
  kept.set(key, all);
  const { from, to } = rangeOf(data, split);
  const end = Math.min(to, from + count);
  return { features: all.features.slice(from, end), labels: all.labels.slice(from, end) };
}

function makeRows(data: Dataset, resolution: Resolution): Rows {
  const features = Array.from({ length: data.count }, (_, i) => {
    const image = data.pixels.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2);
    return pooled(image, resolution);
  });
  return { features, labels: [...data.labels] };
}

// The mean of the block of pixels that becomes one pixel.
function pooled(image: Uint8Array, resolution: Resolution): number[] {
  const pool = SIDE / resolution;
  const sums = new Array<number>(resolution ** 2).fill(0);
  image.forEach((pixel, i) => {
    const y = Math.floor(i / SIDE / pool);
    const x = Math.floor((i % SIDE) / pool);
    sums[y * resolution + x] = (sums[y * resolution + x] ?? 0) + pixel;
  });
  return sums.map((sum) => sum / (255 * pool ** 2));
}
