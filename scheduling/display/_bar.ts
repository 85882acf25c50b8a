/** Bars of progress. @module */

import { cyan, dim } from "@std/fmt/colors";

/** A bar of so many columns, filled up to a fraction from 0 to 1. Without colours it is readable too. */
export function bar(fraction: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `${cyan("━".repeat(filled))}${dim("─".repeat(width - filled))}`;
}

/** A fraction as a percentage that is 100 only when nothing is left: `"  40 %"`. */
export function percent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`.padStart(6);
}
