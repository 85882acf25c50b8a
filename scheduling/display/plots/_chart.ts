/** Draws charts with Observable Plot, in a document of its own. @module */

import * as plot from "@observablehq/plot";
import { SvgDocument, type SvgNode } from "./_svg_document.ts";

/** Where a chart is drawn. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Something that is drawn for each item of a list. */
export type Mark = object;

type MakeMark = <T>(data: readonly T[], options: MarkOptions<T>) => Mark;
type MakeAxis = (options: Readonly<Record<string, unknown>>) => Mark;
// A channel is computed from the items; anything else is constant.
type MarkOptions<T> = Readonly<
  Record<string, string | number | ((item: T) => number | string) | undefined>
>;

/**
 * What is used of Observable Plot. Its own types need those of a browser.
 */
interface Library {
  plot(options: Readonly<Record<string, unknown>>): SvgNode;
  readonly areaY: MakeMark;
  readonly lineY: MakeMark;
  readonly dot: MakeMark;
  readonly rect: MakeMark;
  readonly ruleX: MakeMark;
  readonly ruleY: MakeMark;
  readonly text: MakeMark;
  readonly axisX: MakeAxis;
  readonly axisY: MakeAxis;
  readonly gridY: MakeAxis;
}

export const Plot: Library = plot as unknown as Library;

const LEFT = 60;
const RIGHT = 16;
const BOTTOM = 34;
const TOP = 8;
// From the axis to its label.
const LABEL_OFFSET = 46;

const document = new SvgDocument();
// Plot passes on neither class nor label, so the description of a mark carries both.
const DESCRIPTION = "aria-description";

/** A mark with a label, drawn with classes of the theme. */
export function labelled(
  label: string,
  className: string,
): { readonly ariaDescription: string } {
  return { ariaDescription: `${label}|${className}` };
}

/** Text that is readable on anything. */
export const HALO = {
  fill: "currentColor",
  stroke: "white",
  strokeWidth: 3,
  paintOrder: "stroke",
} as const;

/** How many pixels of a chart the marks have from left to right. */
export function innerWidth({ width }: Frame): number {
  return width - LEFT - RIGHT;
}

/** How many pixels of a chart the marks have from top to bottom. */
export function innerHeight({ height }: Frame): number {
  return height - TOP - BOTTOM;
}

/** The title below an axis of x. */
export function belowAxis(label: string): Readonly<Record<string, string>> {
  return { label, labelAnchor: "center", labelArrow: "none" };
}

/** The title beside an axis of y. */
export function besideAxis(label: string): Readonly<Record<string, string | number>> {
  return { ...belowAxis(label), labelOffset: LABEL_OFFSET };
}

/** The marks and axes of a chart as XML. */
export function chart(
  { width, height }: Frame,
  scales: { readonly x: object; readonly y: object },
  marks: readonly Mark[],
): string {
  const margins = { marginLeft: LEFT, marginRight: RIGHT, marginTop: TOP, marginBottom: BOTTOM };
  const svg = Plot.plot({ document, width, height, ...margins, ...scales, marks });
  return svg.children.filter(({ tagName }) => tagName !== "style")
    .map((mark) => withClasses(mark).toXml()).join("");
}

/** Puts classes and labels in the places of descriptions. */
function withClasses(mark: SvgNode): SvgNode {
  const [label, className] = mark.getAttribute(DESCRIPTION)?.split("|") ?? [];
  if (label !== undefined && className !== undefined) {
    mark.removeAttribute(DESCRIPTION);
    mark.setAttribute("aria-label", label);
    if (className !== "") mark.setAttribute("class", className);
  }
  mark.children.forEach(withClasses);
  return mark;
}
