// The parts of the picture of a monitor: points, bars, axis, words, and how large it gets.
import type { AttemptOutcome, AttemptRecord, LossRecord, QueueRecord } from "@amltk/scheduling";
import { assert, assertEquals, assertLess } from "@std/assert";
import { timeline } from "../../scheduling/display/plots/_bars.ts";
import { legend } from "../../scheduling/display/plots/_legend.ts";
import { picture, type PictureOptions } from "../../scheduling/display/plots/_picture.ts";
import { queueSeries } from "../../scheduling/display/plots/_queue_series.ts";
import { type Recorded, summary } from "../../scheduling/display/plots/_summary.ts";
import { timeAxis } from "../../scheduling/display/plots/_time_axis.ts";
import { escaped } from "../../scheduling/display/plots/_xml.ts";
import { elementsOf, parseXml, type XmlElement } from "../fixtures/xml.ts";

const OPTIONS: PictureOptions = {
  interval: undefined,
  width: 960,
  height: undefined,
  title: "Test",
};

function record(
  time: number,
  queueSize: number,
  running: number,
  idle = 0,
  counts: Partial<QueueRecord> = {},
): QueueRecord {
  const { finished = 0, failed = 0, cancelled = 0 } = counts;
  const queued = queueSize - running;
  return { time, queueSize, queued, running, idle, finished, failed, cancelled };
}

function call(
  worker: number | undefined,
  start: number,
  end: number,
  details: Partial<AttemptRecord> = {},
): AttemptRecord {
  const times = { start, end, runningTime: end - start };
  return {
    task: "work",
    future: 1,
    worker,
    attempt: 1,
    outcome: "result",
    count: 1,
    ...times,
    ...details,
  };
}

function draw(recorded: Partial<Recorded>, options: Partial<PictureOptions> = {}): XmlElement {
  const all = { records: [], calls: [], losses: [], ...recorded };
  return parseXml(picture(all, { ...OPTIONS, ...options }));
}

/** The rectangles of marks with a label. */
function barsOf(svg: XmlElement, label: string): XmlElement[] {
  return elementsOf(svg, "g").filter(({ attributes }) => attributes["aria-label"] === label)
    .flatMap((group) => elementsOf(group, "rect"));
}

function texts(svg: XmlElement): string[] {
  return elementsOf(svg, "text").map(({ text }) => text);
}

function assertClose(actual: number, expected: number, tolerance = 1e-6): void {
  assert(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

// --- points of the queue

Deno.test("queueSeries() draws means by time, and peaks", () => {
  const records = [
    record(0, 0, 0, 2),
    record(10, 5, 0, 2),
    record(10.1, 1, 1, 1),
    record(30, 0, 0),
  ];
  const points = queueSeries(records, 40, 20);
  assertEquals(points.map(({ time }) => time), [0, 20, 40]);
  const [first, second] = points;
  assertEquals([first?.peak, second?.peak], [5, 1]);
  assertClose(first?.running ?? NaN, 9.9 / 20);
  assertClose(first?.queued ?? NaN, 5 * 0.1 / 20);
  assertClose(first?.idle ?? NaN, (2 * 10.1 + 9.9) / 20);
  assertClose(second?.running ?? NaN, 0.5);
});

Deno.test("queueSeries() makes one point of many that are equal", () => {
  const records = [record(0, 3, 1), record(500, 3, 1), record(900, 2, 1)];
  assertEquals(queueSeries(records, 1000, 1).map(({ time }) => time), [0, 900, 1000]);
});

Deno.test("queueSeries() keeps a peak of a moment among thousands of records", () => {
  const records = Array.from({ length: 5000 }, (_, n) => record(n, n === 3333 ? 777 : n % 9, 0));
  const points = queueSeries(records, 5000, 10);
  assertLess(points.length, 503);
  assertEquals(Math.max(...points.map(({ peak }) => peak)), 777);
  assertEquals(points.find(({ peak }) => peak === 777)?.time, 3330);
});

Deno.test("queueSeries() makes no points of no records", () => {
  assertEquals(queueSeries([], 1, 1), []);
});

// --- bars

Deno.test("timeline() has a row for each worker, also for idle ones", () => {
  const records = [record(0, 1, 1, 4)];
  const { bars, rowCount, isByWorker } = timeline(records, [call(2, 0, 10)], [], 1);
  assertEquals([bars.map(({ row }) => row), rowCount, isByWorker], [[1], 5, true]);
  const lost: LossRecord = { time: 1, worker: 7, count: 1 };
  assertEquals(timeline(records, [], [lost], 1).rowCount, 7);
});

Deno.test("timeline() lays calls without workers side by side", () => {
  const times = [[0, 10], [1, 4], [2, 12], [5, 6], [10, 11]] as const;
  const calls = times.map(([start, end]) => call(undefined, start, end));
  const { bars, rowCount, isByWorker } = timeline([], calls, [], 0.1);
  assertEquals(bars.map(({ row }) => row), [0, 1, 2, 1, 0]);
  assertEquals([rowCount, isByWorker], [3, false]);
});

Deno.test("timeline() merges what is thinner than a pixel, and counts it", () => {
  const calls = Array.from(
    { length: 20_000 },
    (_, n) =>
      call(n % 4 + 1, n, n + 1, {
        task: `task ${n % 7}`,
        outcome: n % 999 === 0 ? "exception" : "result",
      }),
  );
  const { bars } = timeline([], calls, [], 20);
  assertLess(bars.length, 3001);
  const sum = (list: readonly AttemptRecord[]) => list.reduce((all, { count }) => all + count, 0);
  assertEquals(sum(bars), 20_000);
  assertEquals(sum(bars.filter(({ outcome }) => outcome === "exception")), 21);
});

Deno.test("timeline() ends for more workers than it has bars", () => {
  const calls = Array.from({ length: 4000 }, (_, n) => call(n + 1, 0, 1));
  assertEquals(timeline([], calls, [], 0.01).rowCount, 128);
});

// --- axis, words, legend

for (
  const [span, label, unit] of [
    [0, "time (ms)", 1],
    [900, "time (ms)", 1],
    [2000, "time (s)", 1000],
    [10 * 60_000, "time (min)", 60_000],
    [7 * 3_600_000, "time (h)", 3_600_000],
  ] as const
) {
  Deno.test(`timeAxis() of ${span} milliseconds has the title "${label}"`, () => {
    const axis = timeAxis([record(0, 0, 0), record(span, 0, 0)], [], []);
    assertEquals(axis, { from: 0, to: Math.max(1, span), unit, label });
  });
}

Deno.test("timeAxis() covers calls from before the first record", () => {
  const { from, to } = timeAxis([record(0, 0, 0)], [call(1, -30, 70)], []);
  assertEquals([from, to], [-30, 70]);
});

Deno.test("summary() says what happened, how busy workers were, what was slow", () => {
  const records = [
    record(0, 4, 2, 2),
    record(100, 2, 1, 3, { finished: 1200, failed: 3, cancelled: 1 }),
    record(200, 2, 1, 0, { finished: 1200, failed: 3, cancelled: 1 }),
  ];
  const calls = [
    call(1, 0, 30, { task: "train" }),
    call(1, 30, 50, { task: "load" }),
    call(2, 0, 90, { task: "load", count: 30 }),
    call(2, 90, 100, { task: "train", outcome: "retried", attempt: 2 }),
  ];
  const losses = [{ time: 2500, worker: 3, count: 1 }, { time: 61_000, worker: 1, count: 2 }];
  assertEquals(summary({ records, calls, losses }), [
    "1,200 finished, 3 failed, 1 cancelled, 1 attempt was tried again, 1 running, 1 queued",
    "workers were busy 38 % of the time, slowest task: train, 20 ms a call on average",
    "3 workers were lost: worker 3 at 2.5 s, worker 1 at 1 min 1 s (2 times)",
  ]);
});

Deno.test("summary() says that there is nothing yet", () => {
  assertEquals(summary({ records: [], calls: [], losses: [] }), [
    "no records yet: no run has begun",
  ]);
});

Deno.test("legend() breaks lines that are too long", () => {
  const items = ["one", "two", "three"].map((text) => ({ text, symbol: "result" as const }));
  assertEquals([legend(items, 0, 0, 1000).height, legend(items, 0, 0, 60).height], [18, 54]);
});

Deno.test("escaped() makes any text safe in XML", () => {
  const text = `<a href="x">&amp;'\u0000\u000b\ufffe\u00a0評価🎉`;
  const { text: read, attributes } = parseXml(`<x y="${escaped(text)}">${escaped(text)}</x>`);
  const expected = `<a href="x">&amp;'\ufffd\ufffd\ufffd\u00a0評価🎉`;
  assertEquals([read, attributes.y], [expected, expected]);
});

// --- the picture

Deno.test("picture() draws a bar for each attempt, by outcome", () => {
  const outcomes: AttemptOutcome[] = [
    "result",
    "exception",
    "retried",
    "lost",
    "cancelled",
    "running",
  ];
  const calls = outcomes.map((outcome, index) =>
    call(index % 2 + 1, index * 10, index * 10 + 9, { outcome, attempt: index === 5 ? 2 : 1 })
  );
  const records = [record(0, 2, 2), record(60, 0, 0)];
  const svg = draw({ records, calls, losses: [{ time: 40, worker: 2, count: 1 }] });
  const labels = {
    "finished": "fill-result",
    "failed": "stroke-exception",
    "failed, tried again": "stroke-retried",
    "failed: worker lost": "stroke-lost",
    "cancelled": "stroke-cancelled",
    "still running": "fill-running",
  };
  const patterns = elementsOf(svg, "pattern").map(({ attributes }) => `url(#${attributes.id})`);
  for (const [label, className] of Object.entries(labels)) {
    assertEquals(barsOf(svg, label).length, 1, label);
    const group = elementsOf(svg, "g").find(({ attributes }) => attributes["aria-label"] === label);
    assertEquals(group?.attributes.class, className);
    const fill = group?.attributes.fill ?? "";
    assert(className.startsWith("fill") ? /^#/.test(fill) : patterns.includes(fill), fill);
  }
  const [legendOfQueue, legendOfCalls] = elementsOf(svg, "g").filter(({ attributes }) =>
    attributes["aria-label"] === "legend"
  );
  assertEquals(texts(legendOfQueue as XmlElement), [
    "running calls",
    "queued calls",
    "idle workers",
  ]);
  assertEquals(texts(legendOfCalls as XmlElement), [
    "finished",
    "still running",
    "cancelled",
    "failed, tried again",
    "failed",
    "failed: worker lost",
    "start of a further attempt",
    "a worker was lost",
  ]);
  for (const text of ["worker", "calls, and idle workers", "time (ms)", "worker 2 lost"]) {
    assert(texts(svg).includes(text), text);
  }
  const attempts = elementsOf(svg, "g").find(({ attributes }) =>
    attributes["aria-label"] === "further attempts"
  );
  assertEquals(attempts?.children.length, 1);
});

Deno.test("picture() places bars by time and worker", () => {
  const records = [record(0, 2, 2), record(1000, 0, 0)];
  const svg = draw({ records, calls: [call(1, 0, 500), call(2, 250, 1000)] });
  const places = barsOf(svg, "finished").map(({ attributes: { x, y, width, height } }) =>
    [x, y, width, height].map(Number)
  );
  const [[x1 = NaN, y1 = NaN, w1 = NaN, h1], [x2 = NaN, y2 = NaN, w2 = NaN, h2]] = places as [
    number[],
    number[],
  ];
  // Axis from 60 to 944; wide bars are a pixel short.
  assertClose(x1, 60, 0.1);
  assertClose(w1, 441, 0.1);
  assertClose(x2, 60 + 221, 0.1);
  assertClose(w2, 662, 0.1);
  assert(y2 > y1 && h1 === h2);
});

Deno.test("picture() makes the bar of merged calls as high as its share of time", () => {
  const records = [record(0, 2, 2), record(1000, 0, 0)];
  const merged = call(1, 0, 500, { count: 10, runningTime: 250 });
  const svg = draw({ records, calls: [merged, call(1, 500, 1000)] });
  const [half, full] = barsOf(svg, "finished").map(({ attributes }) => Number(attributes.height));
  assertClose((half ?? NaN) / (full ?? NaN), 0.5, 0.01);
  assertEquals(
    elementsOf(svg, "title").at(1)?.text,
    "10 calls of work: finished\nworker 1, 0 ms to 500 ms, 25 ms a call",
  );
});

Deno.test("picture() draws a failure that is too short to be seen", () => {
  const records = [record(0, 1, 1), record(1e6, 0, 0)];
  const svg = draw({ records, calls: [call(1, 5, 5.1, { outcome: "exception" })] });
  assert(Number(barsOf(svg, "failed")[0]?.attributes.width) >= 1.9);
});

Deno.test("picture() marks the longest queue", () => {
  const records = [record(0, 1, 1), record(500, 1234, 1), record(510, 3, 1), record(2500, 0, 0)];
  const text = "longest queue: 1,234 calls, 1 of them running, at 500 ms";
  assert(texts(draw({ records })).includes(text));
  const narrow = draw({ records }, { width: 320 });
  assert(texts(narrow).includes("longest queue: 1,234 calls at 500 ms"));
  const single = draw({ records: [record(0, 1, 0), record(9, 0, 0)] });
  assert(texts(single).includes("longest queue: 1 call, 0 of them running, at 0 ms"));
  const means = draw({ records }, { interval: 1000 });
  assert(!texts(means).some((text) => text.startsWith("longest queue")));
});

Deno.test("picture() shows hostile names as text", () => {
  const names = [
    `</text><script>alert("1")</script>`,
    "\u0000\u001b[31mred\u202e\ud800\ufffe",
    "\u00a0&nbsp;&lt;'\"",
    "評価".repeat(100),
    "x".repeat(10_000),
    "",
  ];
  const calls = names.map((task, index) => call(1, index * 100, index * 100 + 90, { task }));
  const svg = draw({ records: [record(0, 1, 1), record(600, 0, 0)], calls }, {
    title: names.join(),
  });
  assertEquals(elementsOf(svg, "script"), []);
  const titles = elementsOf(svg, "title").map(({ text }) => text);
  assert(titles.some((text) => text.startsWith(`</text><script>alert("1")</script> #1: finished`)));
  assert(titles.some((text) => text.startsWith("\\x00\\x1b[31mred\\u202e\\ud800\ufffd #1")));
  for (const text of [...titles, ...texts(svg)]) assertLess(text.length, 300);
});

for (
  const [name, recorded] of Object.entries<Partial<Recorded>>({
    "no records": {},
    "one record": { records: [record(0, 0, 0, 2)] },
    "one call": { records: [record(0, 1, 1), record(9, 0, 0)], calls: [call(1, 0, 9)] },
    "64 workers": {
      records: [record(0, 64, 64), record(900, 0, 0, 64)],
      calls: Array.from({ length: 64 }, (_, n) => call(n + 1, n, n + 800)),
      losses: [{ time: 300, worker: 33, count: 1 }],
    },
    "a call of no time": { records: [record(0, 0, 0)], calls: [call(1, 0, 0)] },
  })
) {
  Deno.test(`picture() draws ${name}`, () => {
    const svg = draw(recorded);
    const count = (recorded.calls ?? []).length;
    assertEquals(barsOf(svg, "finished").length, count);
    const numbers = elementsOf(svg, "rect").flatMap(({ attributes }) =>
      ["x", "y", "width", "height"].map((key) => Number(attributes[key] ?? 0))
    );
    assert(numbers.every((number) => Number.isFinite(number) && number >= 0));
    assert(!JSON.stringify(svg).includes("NaN"));
  });
}

Deno.test("picture() stays small and quick for 10,000 calls", () => {
  const calls = Array.from(
    { length: 10_000 },
    (_, n) =>
      call(n % 8 + 1, n * 10, n * 10 + 70, {
        task: `task ${n % 5}`,
        outcome: n % 50 ? "result" : "exception",
      }),
  );
  const records = Array.from(
    { length: 10_000 },
    (_, n) => record(n * 10, n % 1000, n % 8, 8 - n % 8),
  );
  const svg = picture({ records, calls, losses: [] }, OPTIONS);
  assertLess(svg.length, 700_000);
  const bars = ["finished", "failed"].flatMap((label) => barsOf(parseXml(svg), label));
  assertLess(bars.length, 3001);
});

Deno.test("picture() follows the mode of the page, and loads nothing", () => {
  const records = [record(0, 1, 1), record(9, 0, 0)];
  const text = picture({ records, calls: [call(1, 0, 9)], losses: [] }, OPTIONS);
  const style = elementsOf(parseXml(text), "style").map(({ text }) => text).join();
  assert(style.includes("@media (prefers-color-scheme: dark)"));
  // Confined to the picture, where it is part of a page.
  const selectors = style.split("\n").filter((line) => line.includes("{") && !line.startsWith("@"));
  assert(selectors.every((line) => line.startsWith(".amltk-monitor")), style);
  assertEquals(text.match(/https?:[^"]*/g), ["http://www.w3.org/2000/svg"]);
  assert(!/href|@import|<script|<image|on\w+=/.test(text));
});

Deno.test("picture() has the size that was asked for", () => {
  const records = [record(0, 1, 1), record(9, 0, 0)];
  const { attributes } = draw({ records }, { width: 400, height: 500 });
  assertEquals([attributes.width, attributes.height, attributes.viewBox], [
    "400",
    "500",
    "0 0 400 500",
  ]);
});
