/**
 * The data set, as the workers get it.
 *
 * @module
 */

/** The number of digits for the final test. The search never sees them. */
export const TEST_COUNT = 1000;
/** The number of digits that trials are compared on. */
export const VALIDATION_COUNT = 1000;
/** Width and height of the images. */
export const SIDE = 10;
/** The number of classes. */
export const CLASS_COUNT = 10;

/** The part of the data that a model is trained or tested on. */
export type Split = "test" | "validation" | "training";

/**
 * Images in random order: first the test split, then the validation split, then the training
 * split. Programs share it with their workers: `scheduler.share(data)` crosses once to each.
 */
export interface Dataset {
  /** The seed of the order; it identifies the data set. */
  readonly seed: number;
  /** The number of images. */
  readonly count: number;
  /** The images, one byte for each of their `SIDE * SIDE` pixels. */
  readonly pixels: Uint8Array;
  /** The digit that each image shows, one byte each. */
  readonly labels: Uint8Array;
}

/** The range of the images in a split. */
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
