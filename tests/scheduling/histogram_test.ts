// Percentiles and rates in bounded memory, against plain models.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "../../scheduling/_base/histogram.ts";
import { RecentRate } from "../../scheduling/_run/call_times.ts";

const PARTS = [0.01, 0.5, 0.99, 1];

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

/** The smallest value that so great a part of all values does not exceed. */
function exactQuantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

Deno.test("Histogram.quantile() is off by 1/64 at most", () => {
  const duration = fc.oneof(
    fc.double({ min: 0.001, max: 10, noNaN: true }),
    fc.double({ min: 1, max: 2 ** 31, noNaN: true }),
    fc.integer({ min: 1, max: 1000 }),
  );
  fc.assert(fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (values) => {
    const histogram = histogramOf(values);
    for (const part of PARTS) {
      const exact = exactQuantile(values, part);
      const found = histogram.quantile(part) ?? NaN;
      assert(Math.abs(found - exact) <= exact / 64, `${part}: ${found}, not ${exact}`);
    }
  }));
});

Deno.test("Histogram.quantile() of no duration is undefined", () => {
  assertEquals(new Histogram().quantile(0.5), undefined);
});

Deno.test("Histogram takes durations beyond its bounds", () => {
  for (const tiny of [0, -1, -0, 1e-9, -Infinity]) {
    assertEquals(histogramOf([tiny]).quantile(0.5), 0, `${tiny}`);
  }
  const longest = histogramOf([2 ** 32]).quantile(0.5);
  for (const huge of [2 ** 40, Number.MAX_VALUE, Infinity]) {
    assertEquals(histogramOf([huge]).quantile(0.5), longest, `${huge}`);
  }
});

Deno.test("Histogram forgets the durations of long ago", () => {
  const histogram = histogramOf(Array(1_000_000).fill(1));
  for (let n = 0; n < 30_000; n++) histogram.add(100);
  for (const part of [0.5, 0.99]) assert((histogram.quantile(part) ?? 0) > (part < 0.9 ? 98 : 0));
  for (let n = 0; n < 100_000; n++) histogram.add(100);
  assert((histogram.quantile(0.01) ?? 0) > 98);
});

Deno.test("RecentRate.perSecond() is that since it began, for ten seconds", () => {
  const rate = new RecentRate();
  rate.begin(500);
  assertEquals(rate.perSecond(500), 0);
  for (let at = 500; at < 2500; at += 10) rate.add(at);
  assertEquals(rate.perSecond(2500), 100);
  assertEquals(rate.perSecond(4500), 50);
});

Deno.test("RecentRate.perSecond() forgets what was more than ten seconds ago", () => {
  const rate = new RecentRate();
  rate.begin(0);
  for (let at = 0; at < 60_000; at += 20) rate.add(at);
  assertEquals(rate.perSecond(60_000), 50);
  assertEquals(rate.perSecond(65_000), 25);
  assertEquals(rate.perSecond(71_000), 0);
  rate.add(1_000_000);
  assertEquals(rate.perSecond(1_000_000), 0.1);
});

Deno.test("RecentRate counts late what happened before the last second", () => {
  const rate = new RecentRate();
  rate.begin(0);
  rate.add(5500);
  rate.add(4900);
  assertEquals(rate.perSecond(10_000), 0.2);
});

Deno.test("RecentRate.begin() starts anew", () => {
  const rate = new RecentRate();
  rate.begin(0);
  rate.add(100);
  rate.begin(1000);
  rate.add(1500);
  assertEquals(rate.perSecond(2000), 1);
});
