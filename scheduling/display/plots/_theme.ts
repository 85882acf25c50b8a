/** Colours and patterns that read well in light and dark, and to the colour-blind. @module */

import type { AttemptOutcome } from "../monitor_records.ts";
import { element } from "./_xml.ts";

/** About how wide a column of text is, with an allowance for wide letters. */
export const PIXELS_OF_A_COLUMN = 6.1;

/** What is filled in one way. */
export type Fill = "queued" | "idle" | AttemptOutcome;

interface Look {
  /** A colour of the palette of Okabe and Ito, for light and dark backgrounds. */
  readonly light: string;
  readonly dark: string;
  /** What tells it apart without the colour. */
  readonly pattern?: "/" | "\\" | "x" | "dots" | "hollow";
}

const LOOKS: Readonly<Record<Fill, Look>> = {
  result: { light: "#0072b2", dark: "#3d9bd6" },
  exception: { light: "#d55e00", dark: "#e8702a", pattern: "/" },
  retried: { light: "#e69f00", dark: "#f0b429", pattern: "\\" },
  lost: { light: "#a8497c", dark: "#d98bb5", pattern: "x" },
  cancelled: { light: "#767676", dark: "#a6a6a6", pattern: "hollow" },
  running: { light: "#009e73", dark: "#1fb58a" },
  queued: { light: "#56b4e9", dark: "#8ccdf2" },
  idle: { light: "#b8b8b8", dark: "#5c5c5c", pattern: "dots" },
};

/** The colours of what is neither area nor bar. */
export const LIGHT = { paper: "#ffffff", ink: "#1f1f1f", grid: "#e3e3e3" };
const DARK = { paper: "#16181c", ink: "#ececec", grid: "#34373d" };

/** The class of the picture, to which its style is confined. */
export const CLASS = "amltk-monitor";

/** The fill of an area or bar, as an attribute. */
export function fillOf(name: Fill): string {
  return LOOKS[name].pattern === undefined ? LOOKS[name].light : `url(#${CLASS}-${name})`;
}

/** The colours, by class. */
export function style(): string {
  return element(
    "style",
    {},
    `${rules(LIGHT, "light")}\n@media (prefers-color-scheme: dark) {\n${rules(DARK, "dark")}\n}`,
  );
}

function rules(theme: typeof LIGHT, mode: "light" | "dark"): string {
  const lines = Object.entries(LOOKS).flatMap(([name, look]) => [
    rule(`.fill-${name}`, `fill: ${look[mode]}`),
    rule(`.stroke-${name}`, `stroke: ${look[mode]}`),
  ]);
  return [
    `.${CLASS} { color: ${theme.ink} }`,
    rule(".paper", `fill: ${theme.paper}`),
    rule(".hatch", `stroke: ${theme.paper}`),
    rule(".halo", `stroke: ${theme.paper}`),
    rule(".grid", `stroke: ${theme.grid}`),
    ...lines,
  ].join("\n");
}

function rule(selector: string, text: string): string {
  return `.${CLASS} ${selector} { ${text} }`;
}

/** The patterns that `fillOf()` refers to. */
export function patterns(): string {
  const all = Object.entries(LOOKS).filter(([, { pattern }]) => pattern !== undefined);
  return element("defs", {}, ...all.map(([name, look]) => pattern(name, look)));
}

const SIZE = 6;

function pattern(name: string, { light, pattern = "/" }: Look): string {
  const tile = { width: SIZE, height: SIZE };
  return element(
    "pattern",
    { id: `${CLASS}-${name}`, ...tile, patternUnits: "userSpaceOnUse" },
    element("rect", {
      ...tile,
      fill: light,
      class: `fill-${name}`,
      "fill-opacity": pattern === "hollow" ? 0.25 : pattern === "dots" ? 0.3 : 1,
    }),
    ...marks(pattern, name, light),
  );
}

function marks(pattern: NonNullable<Look["pattern"]>, name: string, color: string): string[] {
  const line = (d: string) =>
    element("path", { d, class: "hatch", stroke: "#fff", "stroke-width": 1.3 });
  const rising = "M-1,1L1,-1M0,6L6,0M5,7L7,5";
  const falling = "M-1,5L1,7M0,0L6,6M5,-1L7,1";
  switch (pattern) {
    case "/":
      return [line(rising)];
    case "\\":
      return [line(falling)];
    case "x":
      return [line(rising), line(falling)];
    case "dots":
      return [element("circle", { cx: 3, cy: 3, r: 0.9, fill: color, class: `fill-${name}` })];
    case "hollow":
      return [];
  }
}
