/** Percentiles of durations in bounded memory. @module */

// Each doubling of a value has 32 buckets, so the middle of a bucket is off by 1/64 at most.
const BUCKET_BITS = 5;
// The bucket of a number is in the upper half of its bits: the exponent, then the mantissa.
const SHIFT = 20 - BUCKET_BITS;
const EXPONENT_BIAS = 1023;
// From a microsecond to a month, in milliseconds.
const LOWEST_EXPONENT = -10;
const HIGHEST_EXPONENT = 32;
const FIRST = (EXPONENT_BIAS + LOWEST_EXPONENT) << BUCKET_BITS;
const SIZE = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << BUCKET_BITS) + 1;
// So that old values count less and less.
const HALVED_AFTER = 10_000;

// Reading the bits takes a sixth of the time of a logarithm, and every call of a run is recorded. All
// systems that Deno runs on are little-endian: the upper half comes second.
const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);

/**
 * Counts durations by their size. The last 10,000 to 20,000 weigh most: after each 10,000 the weights
 * of all that were added before are halved.
 *
 * A percentile is off by at most 1.6 %; below a microsecond it is 0, above 49 days the
 * longest that it records.
 */
export class Histogram {
  // The first is for all that is shorter than a microsecond. Made for the first duration.
  #weights: Float32Array | undefined;
  #total = 0;
  #untilHalved = HALVED_AFTER;

  /** Adds a duration in milliseconds. */
  add(ms: number): void {
    this.addTo(bucketOf(ms));
  }

  /** Adds a duration of that bucket. */
  addTo(bucket: number): void {
    const weights = this.#weights ??= new Float32Array(SIZE);
    weights[bucket] = (weights[bucket] ?? 0) + 1;
    this.#total++;
    if (--this.#untilHalved === 0) this.#halve();
  }

  /** The duration that so great a part of all durations do not exceed; undefined if there are none. */
  quantile(part: number): number | undefined {
    if (this.#weights === undefined) return undefined;
    let left = part * this.#total;
    for (const [index, weight] of this.#weights.entries()) {
      left -= weight;
      if (weight > 0 && left <= 0) return middleOf(index);
    }
    return middleOf(SIZE - 1);
  }

  #halve(): void {
    this.#weights = this.#weights?.map((weight) => weight / 2);
    this.#total /= 2;
    this.#untilHalved = HALVED_AFTER;
  }
}

function middleOf(index: number): number {
  if (index === 0) return 0;
  return (lowerBound(index) + lowerBound(index + 1)) / 2;
}

function lowerBound(index: number): number {
  halves.set([0, (index - 1 + FIRST) << SHIFT]);
  return number[0] ?? NaN;
}

/** The bucket of a duration, for those who add it to several histograms. */
export function bucketOf(ms: number): number {
  number[0] = ms;
  const bucket = ((halves[1] ?? 0) >> SHIFT) - FIRST + 1;
  return Math.max(0, Math.min(SIZE - 1, bucket));
}

/** The median and the 99th percentile. */
export function percentilesOf(
  times: Histogram,
): Readonly<Record<"median" | "p99", number | undefined>> {
  return { median: times.quantile(0.5), p99: times.quantile(0.99) };
}
