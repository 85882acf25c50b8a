/** One picture of a run, as lines of text. @module */

import { runHeader } from "./_run_header.ts";
import { recentTable, type RunTable, taskTable, workerTable } from "./_run_tables.ts";
import type { RunView, WorkerView } from "./_run_view.ts";

/** How much room there is. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

// Wider lines are hard to read.
const MAX_COLUMNS = 100;
const MAX_ROWS = 12;
// Fewer rows of a table say nothing.
const MIN_ROWS = 2;
// A small terminal has no room for empty lines.
const ROOMY = 16;

/** The lines of a frame that fit into a room. */
export function frame(view: RunView, { columns, rows }: Room): string[] {
  const width = Math.min(columns, MAX_COLUMNS);
  const header = runHeader(view, width).slice(0, rows);
  const gap = rows >= ROOMY ? [""] : [];
  const tables = [
    taskTable(view.tasks),
    workerTable(shownWorkers(view)),
    recentTable(view.statistics.recentFutures),
  ].filter(({ size }) => size > 0);
  const sizes = shares(tables, rows - header.length - gap.length, 1 + gap.length);
  const parts = tables.map((table, n) => sizes[n] ? table.lines(sizes[n], width) : []);
  return [
    ...gap,
    ...header,
    ...parts.flatMap((lines) => lines.length === 0 ? [] : [...gap, ...lines]),
  ];
}

/** After the run, only the workers that were lost are of interest. */
function shownWorkers({ statistics: { phase }, workers }: RunView): readonly WorkerView[] {
  return phase === "not running" ? workers.filter(({ losses }) => losses > 0) : workers;
}

/** How many rows each table gets, 0 if there is no room for it; `extra` is what each takes beside its rows. */
function shares(tables: readonly RunTable[], rows: number, extra: number): number[] {
  const sizes = tables.map(({ size }) => Math.min(size, MAX_ROWS));
  const excess = () => sizes.reduce((sum, size) => sum + (size === 0 ? 0 : size + extra), 0) - rows;
  while (excess() > 0) {
    const largest = sizes.lastIndexOf(Math.max(...sizes));
    const size = sizes[largest] ?? 0;
    // The last table is the least important one.
    if (size > MIN_ROWS) sizes[largest] = size - 1;
    else sizes[sizes.findLastIndex((each) => each > 0)] = 0;
  }
  return sizes;
}
