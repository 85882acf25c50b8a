/** The timeline: a row for each worker, a bar for each call. @module */

import { count as withSeparators, duration } from "../_text.ts";
import type { AttemptOutcome, LossRecord } from "../monitor_records.ts";
import type { Bar, Timeline } from "./_bars.ts";
import {
  belowAxis,
  besideAxis,
  chart,
  type Frame,
  HALO,
  innerHeight,
  innerWidth,
  labelled,
  type Mark,
  Plot,
} from "./_chart.ts";
import { LOSS_LABEL, type LossLabel, lossLabels } from "./_loss_labels.ts";
import { shortName } from "./_summary.ts";
import { fillOf, PIXELS_OF_A_COLUMN } from "./_theme.ts";
import type { TimeAxis } from "./_time_axis.ts";

/** What the outcomes are called, in the order in which they are drawn: what is rarer later. */
export const OUTCOMES: readonly (readonly [outcome: AttemptOutcome, text: string])[] = [
  ["result", "finished"],
  ["running", "still running"],
  ["cancelled", "cancelled"],
  ["retried", "failed, tried again"],
  ["exception", "failed"],
  ["lost", "failed: worker lost"],
];

const ROW = 0.84;
const LEAST_LABEL = 12;
const LEAST_COLUMNS = 5;
const MOST_LABELS = 400;
const MOST_LOSS_LABELS = 12;

/** Draws the timeline as XML. */
export function workerChart(
  { bars, rowCount, isByWorker }: Timeline,
  losses: readonly LossRecord[],
  axis: TimeAxis,
  frame: Frame,
): string {
  const rowHeight = innerHeight(frame) / rowCount;
  const everyRow = Math.max(1, Math.ceil(LEAST_LABEL / rowHeight));
  const rows = Array.from({ length: rowCount }, (_, index) => index + 1);
  const x = { domain: [axis.from / axis.unit, axis.to / axis.unit] };
  const y = { domain: [0.5, rowCount + 0.5], reverse: true };
  return chart(frame, { x, y }, [
    Plot.ruleY(rows, { y: (row) => row + ROW / 2, ...labelled("rows", "grid") }),
    Plot.axisX(belowAxis(axis.label)),
    Plot.axisY({
      ...besideAxis(isByWorker ? "worker" : "calls side by side"),
      tickSize: 0,
      ticks: rows.filter((row) => (row - 1) % everyRow === 0),
      tickFormat: (row: number) => isByWorker ? String(row) : "",
    }),
    ...OUTCOMES.flatMap(([outcome, text]) => barsOf(bars, outcome, text, axis, frame)),
    furtherAttempts(bars, axis),
    ...rowHeight >= LEAST_LABEL ? [labels(bars, losses, axis, frame)] : [],
    ...lossMarks(losses, bars, rowHeight, axis, frame),
  ]);
}

function barsOf(
  bars: readonly Bar[],
  outcome: AttemptOutcome,
  text: string,
  { from, to, unit }: TimeAxis,
  frame: Frame,
): Mark[] {
  const own = bars.filter((bar) => bar.outcome === outcome);
  if (own.length === 0) return [];
  // A failure that is too short to be seen would be missed.
  const pixel = (to - from) / innerWidth(frame);
  const leastWidth = pixel * (outcome === "result" ? 0.5 : 2);
  const isPattern = fillOf(outcome).startsWith("url");
  return [Plot.rect(own, {
    x1: ({ start }: Bar) => start / unit,
    // A gap between wide bars tells them apart.
    x2: ({ start, end }: Bar) =>
      Math.max(end - start > 4 * pixel ? end - pixel : end, start + leastWidth) / unit,
    y1: ({ row }: Bar) => row + 1 + ROW / 2,
    y2: (bar: Bar) => bar.row + 1 + ROW / 2 - ROW * busyShare(bar),
    fill: fillOf(outcome),
    title: describe,
    ...isPattern ? { stroke: "#888", strokeWidth: 1 } : {},
    ...labelled(text, isPattern ? `stroke-${outcome}` : `fill-${outcome}`),
  })];
}

// Merged calls fill as much of the height as they fill of the time.
function busyShare({ start, end, runningTime, count }: Bar): number {
  return count === 1 || end <= start ? 1 : Math.min(1, Math.max(0.1, runningTime / (end - start)));
}

function describe(
  { task, worker, attempt, start, end, outcome, count, runningTime, future }: Bar,
): string {
  const name = shortName(task);
  const how = OUTCOMES.find(([name]) => name === outcome)?.[1] ?? outcome;
  const from = `${duration(Math.max(0, start))} to ${duration(Math.max(0, end))}`;
  const where = worker === undefined ? "" : `\nworker ${worker}, `;
  if (count > 1) {
    return `${withSeparators(count)} calls of ${name}: ${how}${where}${from}, ` +
      `${duration(runningTime / count)} a call`;
  }
  const nth = attempt > 1 ? `, attempt ${attempt}` : "";
  return `${name} #${future}${nth}: ${how} after ${duration(runningTime)}${where}${from}`;
}

function furtherAttempts(bars: readonly Bar[], { unit }: TimeAxis): Mark {
  return Plot.ruleX(bars.filter(({ attempt, count }) => attempt > 1 && count === 1), {
    x: ({ start }: Bar) => start / unit,
    y1: ({ row }: Bar) => row + 1 - ROW / 2,
    y2: ({ row }: Bar) => row + 1 + ROW / 2,
    strokeWidth: 3,
    ...labelled("further attempts", ""),
  });
}

function labels(
  bars: readonly Bar[],
  losses: readonly LossRecord[],
  axis: TimeAxis,
  frame: Frame,
): Mark {
  const pixels = innerWidth(frame) / (axis.to - axis.from);
  const columns = ({ start, end }: Bar) =>
    Math.floor((end - start) * pixels / PIXELS_OF_A_COLUMN) - 1;
  const named = bars.filter((bar) => columns(bar) >= LEAST_COLUMNS)
    .filter(isWorthALabel(bars))
    .filter((bar) => !isNearLoss(bar, losses, LOSS_LABEL / pixels))
    .sort((a, b) => columns(b) - columns(a)).slice(0, MOST_LABELS);
  return Plot.text(named, {
    x: (bar: Bar) => middleOf(bar) / axis.unit,
    y: ({ row }: Bar) => row + 1,
    text: (bar: Bar) => labelOf(bar, columns(bar)),
    ...HALO,
    ...labelled("tasks", "halo"),
  });
}

// The name of the only task would be on every bar.
function isWorthALabel(bars: readonly Bar[]): (bar: Bar) => boolean {
  const hasSeveralTasks = new Set(bars.map(({ task }) => task)).size > 1;
  return ({ attempt }) => hasSeveralTasks || attempt > 1;
}

function isNearLoss(bar: Bar, losses: readonly LossRecord[], reach: number): boolean {
  if (losses.length > MOST_LOSS_LABELS) return false;
  return losses.some(({ worker, time }) =>
    worker === bar.row + 1 && Math.abs(time - middleOf(bar)) <= 1.5 * reach
  );
}

function middleOf({ start, end }: Bar): number {
  return (start + end) / 2;
}

function labelOf({ task, attempt }: Bar, columns: number): string {
  const nth = attempt > 1 ? ` (attempt ${attempt})` : "";
  const full = `${shortName(task)}${nth}`;
  return full.length <= columns ? full : shortName(task, columns);
}

function lossMarks(
  losses: readonly LossRecord[],
  bars: readonly Bar[],
  rowHeight: number,
  axis: TimeAxis,
  frame: Frame,
): Mark[] {
  const place = placeOf(axis);
  const symbol = { symbol: "times", r: Math.min(5, rowHeight / 2) } as const;
  const pixel = (axis.to - axis.from) / innerWidth(frame);
  const areNamed = losses.length <= MOST_LOSS_LABELS && rowHeight >= LEAST_LABEL;
  const labels = areNamed ? lossLabels(losses, bars, axis, pixel) : [];
  return [
    Plot.dot(losses, {
      ...place,
      ...symbol,
      stroke: "white",
      strokeWidth: 5,
      ...labelled("lost workers", "halo"),
    }),
    Plot.dot(losses, {
      ...place,
      ...symbol,
      strokeWidth: 2.5,
      ...labelled("lost workers", ""),
    }),
    ...[false, true].map((isLeft) =>
      lossTexts(labels.filter((label) => label.isLeft === isLeft), isLeft, axis)
    ),
  ];
}

function lossTexts(labels: readonly LossLabel[], isLeft: boolean, axis: TimeAxis): Mark {
  return Plot.text(labels, {
    ...placeOf(axis),
    text: ({ worker }: LossLabel) => `worker ${worker} lost`,
    textAnchor: isLeft ? "end" : "start",
    dx: isLeft ? -9 : 9,
    fontWeight: "bold",
    ...HALO,
    ...labelled("lost workers", "halo"),
  });
}

interface Place {
  readonly x: (loss: { readonly time: number }) => number;
  readonly y: (loss: { readonly worker: number }) => number;
}

function placeOf({ unit }: TimeAxis): Place {
  return { x: ({ time }) => time / unit, y: ({ worker }) => worker };
}
