/** Puts heading, legends and charts together. @module */

import { cutTo, printable } from "../_text.ts";
import { type Timeline, timeline } from "./_bars.ts";
import { type Frame, innerWidth } from "./_chart.ts";
import { legend, type LegendItem } from "./_legend.ts";
import { QUEUE_LEGEND, queueChart } from "./_queue_chart.ts";
import { type Recorded, summary } from "./_summary.ts";
import { CLASS, LIGHT, patterns, PIXELS_OF_A_COLUMN, style } from "./_theme.ts";
import { timeAxis } from "./_time_axis.ts";
import { OUTCOMES, workerChart } from "./_worker_chart.ts";
import { element, escaped } from "./_xml.ts";

/** How the picture is drawn. */
export interface PictureOptions {
  readonly interval: number | undefined;
  readonly width: number;
  readonly height: number | undefined;
  readonly title: string;
}

const MARGIN = 16;
const LINE = 16;
const QUEUE_HEIGHT = 210;
const AXIS_HEIGHT = 42;
const LEAST_CHART = 100;

/** The picture as the text of an SVG file. */
export function picture(recorded: Recorded, options: PictureOptions): string {
  const { width } = options;
  const columns = Math.floor((width - 2 * MARGIN) / PIXELS_OF_A_COLUMN);
  const title = cutTo(printable(options.title), Math.floor(columns * 0.7));
  const lines = summary(recorded).map((line) => cutTo(line, columns));
  const top = MARGIN + 14 + lines.length * LINE + 10;
  const isEmpty = recorded.records.length === 0;
  const body = isEmpty ? { xml: "", height: 0 } : charts(recorded, options, top);
  const height = isEmpty ? top : options.height ?? top + body.height;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: CLASS,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-labelledby": `${CLASS}-title`,
      "font-family": "system-ui, sans-serif",
      "font-size": 11,
      color: LIGHT.ink,
      fill: "currentColor",
    },
    element("title", { id: `${CLASS}-title` }, escaped(title)),
    element("desc", {}, escaped(lines.join("; "))),
    style(),
    patterns(),
    element("rect", { width, height, class: "paper", fill: "#fff" }),
    heading(title, MARGIN + 8, 15),
    ...lines.map((line, index) => text(line, MARGIN + 26 + index * LINE)),
    body.xml,
  );
}

function heading(title: string, y: number, size: number): string {
  const attributes = { x: MARGIN, y, "font-size": size, "font-weight": "bold" };
  return element("text", attributes, escaped(title));
}

function text(line: string, y: number): string {
  return element("text", { x: MARGIN, y }, escaped(line));
}

/** Both charts, each below its title and legend. */
function charts(
  { records, calls, losses }: Recorded,
  { width, height, interval }: PictureOptions,
  top: number,
): { xml: string; height: number } {
  const axis = timeAxis(records, calls, losses);
  const pixel = (axis.to - axis.from) / innerWidth({ width, height: 0 });
  const rows = timeline(records, calls, losses, pixel);
  const room = width - 2 * MARGIN;
  const legends = [queueLegend(), workerLegend(rows, losses.length > 0)].map((items) =>
    legend(items, MARGIN, 0, room)
  );
  const [first, second] = legends as [typeof legends[0], typeof legends[0]];
  const above = first.height + second.height + 2 * (LINE + 13);
  const heights = chartHeights(rows.rowCount, height && height - top - above);
  let y = top;
  const place = (xml: string, step: number) => {
    const group = element("g", { transform: `translate(0,${y})` }, xml);
    y += step;
    return group;
  };
  const drawn = (draw: (frame: Frame) => string, chartHeight: number) =>
    element(
      "g",
      { "text-anchor": "middle", "font-size": 10.5 },
      draw({ width, height: chartHeight }),
    );
  const xml = [
    place(heading("Queue", 12, 12.5), LINE + 4),
    place(first.xml, first.height + 4),
    place(
      drawn((frame) => queueChart(records, axis, frame, interval), heights.queue),
      heights.queue,
    ),
    place(heading(rows.isByWorker ? "Calls by worker" : "Calls", 22, 12.5), LINE + 14),
    place(second.xml, second.height + 4),
    place(
      drawn((frame) => workerChart(rows, losses, axis, frame), heights.workers),
      heights.workers,
    ),
  ].join("");
  return { xml, height: y - top + MARGIN / 2 };
}

/** The heights of both charts; `room` is what there is, if that is given. */
function chartHeights(
  rowCount: number,
  room: number | undefined,
): { readonly queue: number; readonly workers: number } {
  if (room !== undefined) {
    const queue = Math.max(LEAST_CHART, Math.round(room * 0.4));
    return { queue, workers: Math.max(LEAST_CHART, Math.floor(room) - queue) };
  }
  const rowHeight = Math.max(4, Math.min(26, 480 / rowCount));
  return {
    queue: QUEUE_HEIGHT,
    workers: AXIS_HEIGHT + Math.max(40, Math.ceil(rowCount * rowHeight)),
  };
}

function queueLegend(): LegendItem[] {
  return QUEUE_LEGEND.map(([symbol, text]) => ({ symbol, text }));
}

/** Only what occurs. */
function workerLegend({ bars }: Timeline, hasLosses: boolean): LegendItem[] {
  const outcomes = new Set(bars.map(({ outcome }) => outcome));
  const items: LegendItem[] = OUTCOMES.filter(([outcome]) => outcomes.has(outcome))
    .map(([symbol, text]) => ({ symbol, text }));
  if (bars.some(({ attempt, count }) => attempt > 1 && count === 1)) {
    items.push({ symbol: "further attempt", text: "start of a further attempt" });
  }
  if (hasLosses) items.push({ symbol: "loss", text: "a worker was lost" });
  return items;
}
