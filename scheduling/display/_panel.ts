/** A box around lines of text. @module */

import { cutTo, widthOf } from "./_text_width.ts";

/** Draws a box of at most so many columns. */
export function panel(title: string, rows: readonly string[], maxWidth: number): string[] {
  const inner = Math.min(maxWidth - 4, Math.max(widthOf(title) + 2, ...rows.map(widthOf)));
  const filled = (text: string, by: string, width: number) => {
    const cut = cutTo(text, width);
    return `${cut}${by.repeat(Math.max(0, width - widthOf(cut)))}`;
  };
  return [
    `╭─ ${filled(`${title} `, "─", inner)}╮`,
    ...rows.map((row) => `│ ${filled(row, " ", inner)} │`),
    `╰${"─".repeat(inner + 2)}╯`,
  ];
}
