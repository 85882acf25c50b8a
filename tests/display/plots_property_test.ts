// toSVG() draws the queue of any run, whatever its length and the size of the picture.
import { type AttemptRecord, QueueMonitor, type QueueRecord, Scheduler } from "@amltk/scheduling";
import { toSVG } from "@amltk/scheduling/plots";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { elementsOf, parseXml, type XmlElement } from "../fixtures/xml.ts";

const LAYERS = ["running", "queued", "idle"];

function record(time: number, queueSize: number): QueueRecord {
  const running = Math.min(1, queueSize);
  const counts = { finished: 0, failed: 0, cancelled: 0 };
  return { time, queueSize, queued: queueSize - running, running, idle: 1 - running, ...counts };
}

function callBefore(start: number): AttemptRecord {
  const times = { start, end: 0, runningTime: -start };
  return { task: "t", future: 1, worker: 1, attempt: 1, outcome: "result", count: 1, ...times };
}

/** A monitor that has recorded what is given. */
function monitorOf(
  records: readonly QueueRecord[],
  calls: readonly AttemptRecord[] = [],
): QueueMonitor {
  return Object.create(new QueueMonitor(Scheduler.withSequential()), {
    records: { value: records },
    calls: { value: calls },
    losses: { value: [] },
  });
}

function assertDrawsQueue(svg: string): void {
  assert(!/NaN|Infinity|undefined/.test(svg), svg.match(/.{0,80}(NaN|Infinity|undefined)/)?.[0]);
  const root = parseXml(svg);
  const groups = elementsOf(root, "g");
  for (const layer of LAYERS) {
    const [area] = groups.filter(({ attributes }) => attributes["aria-label"] === layer);
    assert(area !== undefined, layer);
    assertEquals(paths(area).length, 1, layer);
  }
  assert(groups.some(({ attributes }) => attributes["aria-label"]?.startsWith("y-axis tick")));
}

function paths(group: XmlElement): string[] {
  return elementsOf(group, "path").map(({ attributes }) => attributes.d ?? "");
}

const lengths = fc.oneof(
  fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
  fc.integer({ min: 0, max: 30_000 }).map((n) => 100 + n * 7.3),
);

Deno.test("toSVG() draws the queue of runs of any length", () => {
  const size = fc.record({
    width: fc.integer({ min: 320, max: 3000 }),
    interval: fc.option(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { nil: undefined }),
  });
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(lengths, size, shares, (length, options, shares) => {
      const times = [0, ...shares.toSorted((a, b) => a - b).map((share) => share * length), length];
      const records = times.map((time, index) => record(time, (index + 1) % 4));
      assertDrawsQueue(toSVG(monitorOf(records), options));
    }),
    { numRuns: 300 },
  );
});

Deno.test("toSVG() draws the queue when a rounding error adds a pixel", () => {
  let length = 100;
  for (let n = 0; n < 400; n++) {
    const records = [record(0, 1), record(length / 2, 2), record(length, 0)];
    assertDrawsQueue(toSVG(monitorOf(records)));
    // Summed up, because products have other rounding errors.
    length += 7.3;
  }
});

Deno.test("toSVG() draws the queue of a single moment", () => {
  assertDrawsQueue(toSVG(monitorOf([record(0, 1)])));
  assertDrawsQueue(toSVG(monitorOf([record(0, 1), record(0, 2)])));
  assertDrawsQueue(toSVG(monitorOf([record(0, 1)], [callBefore(-5)])));
});
