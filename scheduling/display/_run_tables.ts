/** The tables of a frame: workers, tasks, and the calls that ended last. @module */

import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import type { WorkerState } from "../executor.ts";
import type { RecentFuture } from "../statistics.ts";
import { bar, percent } from "./_bar.ts";
import { count, cutTo, duration, type Paint, printable } from "./_text.ts";
import { elapsedText } from "./_run_header.ts";
import type { RunningCallView, TaskView, WorkerView } from "./_run_view.ts";
import { type Column, table } from "./_table.ts";

const BAR = 12;
const PERCENT = 6;
const TIME = 8;
const NUMBER = 6;

/** A table that may be given fewer rows than it has. */
export interface RunTable {
  readonly size: number;
  /** Its lines: heads, so many rows, and what is left out, in the last of them. */
  lines(rows: number, width: number): string[];
}

const STATES: Readonly<Record<WorkerState, Paint>> = {
  starting: yellow,
  idle: dim,
  busy: dim,
  ended: dim,
  refused: yellow,
};

/** What each worker does: if not all fit, those first whose calls have run longest. */
export function workerTable(workers: readonly WorkerView[]): RunTable {
  const columns: Column<WorkerView>[] = [
    { head: "worker", cell: ({ number }) => String(number), align: "right" },
    { head: "runs", cell: runsText, min: 20, cuts: true },
    {
      head: "for",
      cell: ({ call }) => call ? elapsedText(call.runningTime) : "",
      align: "right",
      min: TIME,
    },
    { head: "done", cell: ({ done }) => dim(count(done)), align: "right", min: NUMBER, from: 88 },
    ...workers.some(({ losses }) => losses > 0) ? [LOST] : [],
    ...workers.some(({ call }) => call?.progress) ? [PROGRESS] : [],
  ];
  const busiest = (a: WorkerView, b: WorkerView) => busyness(b) - busyness(a);
  return runTable(columns, workers, busiest);
}

const LOST: Column<WorkerView> = {
  head: "lost",
  cell: ({ losses }) => losses === 0 ? "" : bold(red(`${count(losses)}×`)),
  align: "right",
};

const PROGRESS: Column<WorkerView> = {
  head: "progress",
  cell: ({ call }) => call?.progress ? progressText(call.progress) : "",
  min: BAR + PERCENT,
  cuts: true,
};

function runsText({ state, call }: WorkerView): string {
  if (call === undefined) return STATES[state](state);
  return callText(call.task, call.future, call.args);
}

/** A call by task, number and arguments: `"train #12 (3)"`. */
function callText(task: string, future: number, args = ""): string {
  const given = args === "" ? "" : dim(` (${printable(args)})`);
  return `${printable(task)} ${dim(`#${future}`)}${given}`;
}

// Next to those that run a call, those that were lost are of interest.
function busyness({ call, losses }: WorkerView): number {
  return call?.runningTime ?? (losses > 0 ? -1 : -2);
}

function progressText({ fraction, message }: NonNullable<RunningCallView["progress"]>): string {
  const text = message === undefined ? "" : `  ${printable(message)}`;
  return `${bar(fraction, BAR)}${percent(fraction)}${text}`;
}

/** What the calls of each task do: if not all fit, those first with the most unsettled calls. */
export function taskTable(tasks: readonly TaskView[]): RunTable {
  const slowest = slowestOf(tasks);
  const number = (
    head: string,
    of: (task: TaskView) => number,
    paint = same,
  ): Column<TaskView> => ({
    head,
    cell: (task) => of(task) === 0 ? dim("0") : paint(count(of(task))),
    align: "right",
    min: NUMBER,
  });
  const columns: Column<TaskView>[] = [
    { head: "task", cell: ({ name }) => bold(printable(name)), min: 12, cuts: true },
    number("pending", ({ pending }) => pending, yellow),
    { ...number("running", ({ running }) => running, green), from: 48 },
    number("done", ({ done }) => done),
    { ...number("failed", ({ failed }) => failed, red), from: 40 },
    ...tasks.some(({ cancelled }) => cancelled > 0)
      ? [{ ...number("cancelled", ({ cancelled }) => cancelled, yellow), from: 68 }]
      : [],
    { head: "median", cell: medianText, align: "right", min: TIME, from: 56 },
    { head: "", cell: (task) => dim(notesOf(task, slowest)), cuts: true, from: 60 },
  ];
  return runTable(columns, tasks, (a, b) => unsettled(b) - unsettled(a));
}

function same(text: string): string {
  return text;
}

function medianText({ median }: TaskView): string {
  return median === undefined ? dim("–") : duration(median);
}

function slowestOf(tasks: readonly TaskView[]): TaskView | undefined {
  const timed = tasks.filter(({ median }) => median !== undefined);
  if (timed.length < 2) return undefined;
  return timed.reduce((a, b) => (b.median ?? 0) > (a.median ?? 0) ? b : a);
}

function notesOf(task: TaskView, slowest: TaskView | undefined): string {
  const notes = task === slowest ? ["slowest"] : [];
  return task.held === 0 ? notes.join() : [...notes, heldText(task)].join(", ");
}

function heldText({ held, waitsFor }: TaskView): string {
  if (waitsFor.length === 0) return `${count(held)} held back`;
  return `${count(held)} ${held === 1 ? "waits" : "wait"} for ${
    waitsFor.map(printable).join(", ")
  }`;
}

function unsettled({ pending, running }: TaskView): number {
  return pending + running;
}

const OUTCOMES: Readonly<Record<RecentFuture["state"], () => string>> = {
  result: () => green("done"),
  exception: () => red("failed"),
  cancelled: () => yellow("cancelled"),
};

/** The calls that ended last, the latest last. */
export function recentTable(recent: readonly RecentFuture[]): RunTable {
  const columns: Column<RecentFuture>[] = [
    {
      head: "last calls",
      cell: ({ task, id, args }) => callText(task, id, args),
      min: 24,
      cuts: true,
    },
    { head: "", cell: ({ state }) => OUTCOMES[state](), min: 9 },
    { head: "after", cell: ranText, align: "right", min: TIME, from: 48 },
    { head: "", cell: ({ error = "" }) => red(printable(error)), cuts: true },
  ];
  return {
    size: recent.length,
    lines: (rows, width) => table(columns, recent.slice(-rows), width),
  };
}

function ranText({ runningTime }: RecentFuture): string {
  return runningTime === undefined ? "" : duration(runningTime);
}

function runTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  busiest: (a: Row, b: Row) => number,
): RunTable {
  return {
    size: rows.length,
    lines(most, width) {
      if (rows.length <= most) return table(columns, rows, width);
      const shown = rows.toSorted(busiest).slice(0, most - 1);
      const left = cutTo(`… and ${count(rows.length - most + 1)} more`, width);
      return [...table(columns, shown, width), dim(left)];
    },
  };
}
