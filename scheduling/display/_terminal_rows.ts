/** How lines fill the rows of a terminal. @module */

import { stripAnsiCode } from "@std/fmt/colors";
import { widthOf } from "./_text.ts";

// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPE_SEQUENCES = /\x1b\[[\d;?]*[A-Za-z]/g;
const TAB = 8;

/**
 * How many rows a line takes on a terminal that wraps what is longer than a row, as nearly all do with lines
 * that were drawn before it became narrower.
 */
export function rowsOf(line: string, columns: number): number {
  if (widthOf(line) <= columns) return 1;
  let rows = 1;
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(stripAnsiCode(line))) {
    const width = widthOf(segment);
    if (used + width > columns) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

/** A line that the program has printed, as the terminal shows it. */
export function shownText(text: string): string {
  const shown = text.slice(text.lastIndexOf("\r") + 1).replace(ESCAPE_SEQUENCES, "");
  return shown.replace(/[^\t]*\t/g, (part) => {
    const width = widthOf(part.slice(0, -1));
    return part.slice(0, -1) + " ".repeat(TAB - width % TAB);
  });
}
