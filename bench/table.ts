/** Renders findings as plain text. @module */

import type { Finding, Samples, SamplesByName, Target, Unit } from "./model.ts";
import { median } from "./judge.ts";

type Line = readonly string[];

type Measured = Extract<Samples, { readonly values: unknown }>;

const HEADER: Line = ["", "median", "compared with", "median", "ratio", "target", "verdict"];
/** Aligns columns of text to the left and columns of numbers to the right. */
const TEXT_COLUMNS = [0, 2, 6];

/** Renders the table of all rows. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = [HEADER, ...findings.map(findingLine)];
  return renderLines(lines, TEXT_COLUMNS);
}

/** Renders the contenders of an experiment with their medians and ranges, or why they failed. */
export function renderSamples(unit: Unit, samples: SamplesByName): string {
  const measured = [...samples].flatMap(([name, found]) =>
    "values" in found ? [samplesLine(name, found, unit)] : []
  );
  const failed = [...samples].flatMap(([name, found]) =>
    "failure" in found ? [`  ${name}  does not run: ${found.failure}`] : []
  );
  return [renderLines(measured, [0]), ...failed].join("\n");
}

function findingLine(finding: Finding): Line {
  const { row, unit, value, over, overValue, ratio, failure, target, verdict } = finding;
  return [
    row,
    quantity(value, unit),
    over ?? "",
    over === undefined ? "" : quantity(overValue, unit),
    ratio?.toFixed(2) ?? "",
    target === undefined ? "" : bound(target, over === undefined ? unit : undefined),
    failure === undefined ? verdict ?? "" : `does not run: ${failure}`,
  ];
}

function samplesLine(name: string, { values }: Measured, unit: Unit): Line {
  const range = `${quantity(Math.min(...values), unit)} … ${quantity(Math.max(...values), unit)}`;
  return [`  ${name}`, quantity(median(values), unit), range];
}

function bound(target: Target, unit: Unit | undefined): string {
  const [sign, value] = "atLeast" in target ? ["≥", target.atLeast] : ["≤", target.atMost];
  return `${sign} ${value}${unit === undefined ? "" : ` ${unit}`}`;
}

function quantity(value: number | undefined, unit: Unit): string {
  if (value === undefined) return "–";
  const maximumFractionDigits = value >= 1000 ? 0 : value >= 10 ? 1 : 3;
  return `${value.toLocaleString("en", { maximumFractionDigits })} ${unit}`;
}

function renderLines(lines: readonly Line[], textColumns: readonly number[]): string {
  const columnCount = Math.max(...lines.map((line) => line.length));
  const widths = Array.from(
    { length: columnCount },
    (_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return textColumns.includes(column) ? cell.padEnd(width) : cell.padStart(width);
  };
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}
