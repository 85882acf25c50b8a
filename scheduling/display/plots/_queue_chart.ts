/** The stacked chart: how many calls ran and waited, and how many workers were idle. @module */

import { count, duration } from "../_text.ts";
import type { QueueRecord } from "../monitor_records.ts";
import {
  belowAxis,
  besideAxis,
  chart,
  type Frame,
  HALO,
  innerWidth,
  labelled,
  type Mark,
  Plot,
} from "./_chart.ts";
import { type QueuePoint, queueSeries } from "./_queue_series.ts";
import { fillOf, PIXELS_OF_A_COLUMN } from "./_theme.ts";
import type { TimeAxis } from "./_time_axis.ts";

const LAYERS = ["running", "queued", "idle"] as const;

/** The layers from bottom to top, with what they are called. */
export const QUEUE_LEGEND: readonly (readonly [layer: typeof LAYERS[number], text: string])[] = [
  ["running", "running calls"],
  ["queued", "queued calls"],
  ["idle", "idle workers"],
];

/** Draws the chart as XML. */
export function queueChart(
  records: readonly QueueRecord[],
  axis: TimeAxis,
  frame: Frame,
  interval: number | undefined,
): string {
  const pixel = (axis.to - axis.from) / innerWidth(frame);
  const points = queueSeries(records, axis.to, Math.max(pixel, interval ?? 0));
  const most = points.reduce((most, point) => Math.max(most, heightOf(point)), 1);
  const ticks = wholeTicks(most);
  const x = { domain: [axis.from / axis.unit, axis.to / axis.unit] };
  return chart(frame, { x, y: { domain: [0, most] } }, [
    Plot.gridY({ ...labelled("grid", "grid"), strokeOpacity: 1, ticks }),
    ...LAYERS.map((layer) => area(points, layer, axis.unit)),
    Plot.axisX(belowAxis(axis.label)),
    Plot.axisY({ ...besideAxis("calls, and idle workers"), ticks, tickFormat: count }),
    ...interval === undefined
      ? [peakLine(points, axis.unit), ...longestQueue(records, axis, frame)]
      : [],
  ]);
}

const TICKS = 5;

/** Whole numbers from 0 on, at a distance of 1, 2 or 5 times a power of ten. */
function wholeTicks(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most / TICKS)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => most / step <= TICKS) ??
    1;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

function heightOf({ running, queued, idle, peak }: QueuePoint): number {
  return Math.max(peak, running + queued + idle);
}

function area(
  points: readonly QueuePoint[],
  layer: typeof LAYERS[number],
  unit: number,
): Mark {
  const below = LAYERS.slice(0, LAYERS.indexOf(layer));
  const base = (point: QueuePoint) => below.reduce((sum, name) => sum + point[name], 0);
  const isPattern = fillOf(layer).startsWith("url");
  return Plot.areaY(points, {
    x: ({ time }: QueuePoint) => time / unit,
    y1: base,
    y2: (point: QueuePoint) => base(point) + point[layer],
    curve: "step-after",
    fill: fillOf(layer),
    ...labelled(layer, isPattern ? "area" : `fill-${layer}`),
  });
}

/** The longest queue in each pixel, of which the areas show the mean. */
function peakLine(points: readonly QueuePoint[], unit: number): Mark {
  return Plot.lineY(points, {
    x: ({ time }) => time / unit,
    y: ({ peak }) => peak,
    curve: "step-after",
    strokeWidth: 1,
    ...labelled("length of the queue", ""),
  });
}

// From the longest queue to its label, in pixels.
const DISTANCE = 8;

/** Marks the longest queue of all. */
function longestQueue(
  records: readonly QueueRecord[],
  { from, to, unit }: TimeAxis,
  frame: Frame,
): Mark[] {
  const longest = records.reduce<QueueRecord | undefined>(
    (longest, record) => record.queueSize > (longest?.queueSize ?? 0) ? record : longest,
    undefined,
  );
  if (longest === undefined) return [];
  const place = { x: longest.time / unit, y: longest.queueSize };
  const isLeft = longest.time < (from + to) / 2;
  const share = (isLeft ? to - longest.time : longest.time - from) / (to - from);
  const columns = Math.floor((share * innerWidth(frame) - DISTANCE) / PIXELS_OF_A_COLUMN);
  return [
    Plot.dot([place], {
      x: "x",
      y: "y",
      r: 3,
      fill: "currentColor",
      ...labelled("longest queue", ""),
    }),
    Plot.text([place], {
      x: "x",
      y: "y",
      text: () => longestText(longest, columns),
      textAnchor: isLeft ? "start" : "end",
      dx: isLeft ? DISTANCE : -DISTANCE,
      dy: 5,
      ...HALO,
      ...labelled("longest queue", "halo"),
    }),
  ];
}

/** Running calls belong to the queue, which the text says if there is room. */
function longestText({ queueSize, running, time }: QueueRecord, columns: number): string {
  const calls = queueSize === 1 ? "1 call" : `${count(queueSize)} calls`;
  const when = `at ${duration(time)}`;
  const full = `longest queue: ${calls}, ${count(running)} of them running, ${when}`;
  return full.length <= columns ? full : `longest queue: ${calls} ${when}`;
}
