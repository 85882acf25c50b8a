/** Legends as SVG, because those of Observable Plot are HTML. @module */

import { widthOf } from "../_text.ts";
import { type Fill, fillOf, PIXELS_OF_A_COLUMN } from "./_theme.ts";
import { element, escaped } from "./_xml.ts";

/** A line of a legend. */
export interface LegendItem {
  readonly text: string;
  readonly symbol: Fill | "further attempt" | "loss";
}

const LINE = 18;
const SWATCH = 14;

/** A legend as XML, broken into lines, with its height. */
export function legend(
  items: readonly LegendItem[],
  x: number,
  y: number,
  width: number,
): { readonly xml: string; readonly height: number } {
  let [left, top] = [0, 0];
  const parts = items.map(({ text, symbol }) => {
    const length = SWATCH + 5 + widthOf(text) * PIXELS_OF_A_COLUMN + 14;
    if (left > 0 && left + length > width) [left, top] = [0, top + LINE];
    const part = item(text, symbol, x + left, y + top);
    left += length;
    return part;
  });
  return { xml: element("g", { "aria-label": "legend" }, ...parts), height: top + LINE };
}

function item(text: string, symbol: LegendItem["symbol"], x: number, y: number): string {
  const label = element("text", { x: SWATCH + 5, y: 9 }, escaped(text));
  return element("g", { transform: `translate(${x},${y})` }, swatch(symbol), label);
}

function swatch(symbol: LegendItem["symbol"]): string {
  if (symbol === "further attempt") {
    return element("path", { d: "M7,-1V11", stroke: "currentColor", "stroke-width": 3 });
  }
  if (symbol === "loss") {
    return element("path", {
      d: "M3,1L11,9M3,9L11,1",
      stroke: "currentColor",
      "stroke-width": 2.5,
    });
  }
  const fill = fillOf(symbol);
  return element("rect", {
    width: SWATCH,
    height: 10,
    fill,
    class: fill.startsWith("url") ? `stroke-${symbol}` : `fill-${symbol}`,
  });
}
