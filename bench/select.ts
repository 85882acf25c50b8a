/** Selects rows of the table, so that each can be measured alone. @module */

import { UsageError } from "../tools/options.ts";
import type { Experiment, Row } from "./model.ts";

/** How the command line names a row: `NAME / COMPARED WITH`, or its name alone. */
export function labelOf({ name, over = [] }: Row): string {
  return over.length === 0 ? name : `${name} / ${over.join(", ")}`;
}

/**
 * The experiments with the rows that one of the texts names, and the contenders of these rows. A text is the
 * label of a row, or a part of labels or of the names of experiments. Without texts, all rows are selected.
 *
 * @throws {UsageError} for a text that names no row.
 */
export function select(
  experiments: readonly Experiment[],
  texts: readonly string[],
): readonly Experiment[] {
  if (texts.length === 0) return experiments;
  const named = new Set(texts.flatMap((text) => rowsNamed(experiments, text)));
  return experiments.flatMap((experiment) => {
    const rows = experiment.rows.filter((row) => named.has(row));
    return rows.length === 0 ? [] : [withRows(experiment, rows)];
  });
}

function rowsNamed(experiments: readonly Experiment[], text: string): readonly Row[] {
  const all = experiments.flatMap(({ rows }) => rows);
  const exact = all.filter((row) => labelOf(row) === text);
  if (exact.length > 0) return exact;
  const found = experiments.flatMap(({ name, rows }) =>
    name.includes(text) ? rows : rows.filter((row) => labelOf(row).includes(text))
  );
  if (found.length > 0) return found;
  throw new UsageError(`No row is named "${text}"; the rows are\n${all.map(labelOf).join("\n")}`);
}

function withRows(experiment: Experiment, rows: readonly Row[]): Experiment {
  const needed = new Set(rows.flatMap(({ of, over = [] }) => [of, ...over]));
  const contenders = experiment.contenders.filter(({ name }) => needed.has(name));
  return { ...experiment, rows, contenders };
}
