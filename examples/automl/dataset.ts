/**
 * The data as it is shared with the workers.
 *
 * @module
 */

/** How many digits are kept for the final test; nothing in the search sees them. */
export const TEST_COUNT = 1000;
/** How many digits the trials are compared on. */
export const VALIDATION_COUNT = 1000;
/** Width and height of the images. */
export const SIDE = 10;
/** How many classes there are. */
export const CLASS_COUNT = 10;

/** What a model is tested on, or trained on. */
export type Split = "test" | "validation" | "training";

/**
 * Images in random order: first those for the test, then those for validation, then those to train
 * on. The memory is shared, so a trial that is given the data set gets no copy of it.
 */
export interface Dataset {
  /** What the order was drawn from; it tells data sets apart. */
  readonly seed: number;
  /** The number of images. */
  readonly count: number;
  /** The images, one byte for each of their `SIDE * SIDE` pixels. */
  readonly pixels: SharedArrayBuffer;
  /** The digits that they show, a byte each. */
  readonly labels: SharedArrayBuffer;
}

/** The range of images that makes up a split. */
export function rangeOf(data: Dataset, split: Split): { from: number; to: number } {
  const trainingFrom = TEST_COUNT + VALIDATION_COUNT;
  switch (split) {
    case "test":
      return { from: 0, to: TEST_COUNT };
    case "validation":
      return { from: TEST_COUNT, to: trainingFrom };
    case "training":
      return { from: trainingFrom, to: data.count };
  }
}
