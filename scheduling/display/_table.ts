/** Rows of text in columns. @module */

import { dim } from "@std/fmt/colors";
import { cutTo, widthOf } from "./_text.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  /** The text of a cell, which may be coloured. */
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  /** How many characters it takes at least, so that it does not move while texts change. */
  readonly min?: number;
  /** The narrowest table that has the column. @default {0} */
  readonly from?: number;
  /** Whether its texts are cut if the table is too wide. */
  readonly cuts?: boolean;
}

const GAP = 2;
const NARROWEST = 6;

/** The lines of a table of at most so many columns of the terminal, its heads first. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string[] {
  const shown = columns.filter(({ from = 0 }) => width >= from);
  const cells = rows.map((row) => shown.map(({ cell }) => withoutEmptyColor(cell(row))));
  const widths = fitted(
    shown,
    shown.map(({ head, min = 0 }, n) =>
      Math.max(widthOf(head), min, ...cells.map((row) => widthOf(row[n] ?? "")))
    ),
    width,
  );
  const line = (texts: readonly string[]) =>
    cutTo(
      shown.map(({ align }, n) => aligned(texts[n] ?? "", widths[n] ?? 0, align)).join("  ")
        .trimEnd(),
      width,
    );
  return [dim(line(shown.map(({ head }) => head))), ...cells.map(line)];
}

// Codes of colours around nothing would keep the end of a row from being trimmed.
function withoutEmptyColor(text: string): string {
  return widthOf(text) === 0 ? "" : text;
}

/** Narrows the columns that may be cut: to their minimum from the left, then further from the right. */
function fitted<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - width;
  const narrow = (index: number, least: number) => {
    const now = widths[index] ?? 0;
    if (!columns[index]?.cuts || excess <= 0 || now <= least) return;
    widths[index] = Math.max(least, now - excess);
    excess -= now - (widths[index] ?? 0);
  };
  columns.forEach(({ min = NARROWEST }, index) => narrow(index, min));
  for (let index = columns.length - 1; index >= 0; index--) narrow(index, NARROWEST);
  return widths;
}

function aligned(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = cutTo(text, width);
  const space = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "left" ? `${cut}${space}` : `${space}${cut}`;
}
