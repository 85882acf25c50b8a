/** The report of a run, for the terminal. @module */

import { type ChaosReport, isGood } from "./run.ts";

// The first few are enough to see what is wrong.
const MAX_NAMED = 20;

/** Renders a report as text. */
export function reportText(report: ChaosReport): string {
  const { executor, seed, seconds, submitted, settled, exit } = report;
  const settledCount = Object.values(settled).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${executor}: ${isGood(report) ? "good" : "NOT GOOD"}, ${seconds.toFixed(1)} s, seed ${seed}`,
    `  submitted ${submitted}, settled ${settledCount}`,
    ...Object.entries(settled).map(([name, count]) => `    ${String(count).padStart(6)} ${name}`),
    `  ${exit === undefined ? "DID NOT RETURN" : `ended ${exit.code}, runaways ${exit.runaways}`}`,
  ];
  const named = ["lost", "duplicated", "wrong", "left"] as const;
  return [...lines, ...named.flatMap((name) => listed(name, report[name]))].join("\n");
}

function listed(title: string, items: readonly string[]): string[] {
  const named = items.slice(0, MAX_NAMED).map((item) => `    ${item}`);
  const rest = items.length - named.length;
  return [`  ${title} ${items.length}`, ...named, ...(rest > 0 ? [`    and ${rest} more`] : [])];
}
