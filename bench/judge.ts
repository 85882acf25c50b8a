/** Computes the rows of the table from the samples of an experiment. @module */

import type { Experiment, Finding, Row, Samples, SamplesByName, Target, Unit } from "./model.ts";

/** The finding of each row of the experiment. */
export function judge(
  { rows, unit }: Experiment,
  samples: SamplesByName,
  withTargets: boolean,
): Finding[] {
  return rows.map((row) => judgeRow(row, unit, samples, withTargets));
}

function judgeRow(row: Row, unit: Unit, samples: SamplesByName, withTargets: boolean): Finding {
  const value = medianOf(samples, row.of);
  const over = best(row.over ?? [], unit, samples);
  const overValue = over === undefined ? undefined : medianOf(samples, over);
  const ratio = value !== undefined && overValue !== undefined ? value / overValue : undefined;
  const failure = failureOf(samples, row.of) ?? (over && failureOf(samples, over));
  const target = withTargets ? row.target : undefined;
  const verdict = verdictOn(row.over === undefined ? value : ratio, target);
  return {
    row: row.name,
    unit,
    of: row.of,
    value,
    over,
    overValue,
    ratio,
    failure,
    target,
    verdict,
  };
}

function verdictOn(value: number | undefined, target: Target | undefined): Finding["verdict"] {
  if (value === undefined || target === undefined) return undefined;
  return meets(value, target) ? "reached" : "missed";
}

function meets(value: number, target: Target): boolean {
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}

function best(names: readonly string[], unit: Unit, samples: SamplesByName): string | undefined {
  const worth = (name: string) => {
    const value = medianOf(samples, name);
    if (value === undefined) return -Infinity;
    return unit === "ops/s" ? value : -value;
  };
  return names.toSorted((a, b) => worth(b) - worth(a))[0];
}

function medianOf(samples: SamplesByName, name: string): number | undefined {
  const found = samplesOf(samples, name);
  return "values" in found ? median(found.values) : undefined;
}

function failureOf(samples: SamplesByName, name: string): string | undefined {
  const found = samplesOf(samples, name);
  return "failure" in found ? found.failure : undefined;
}

function samplesOf(samples: SamplesByName, name: string): Samples {
  const found = samples.get(name);
  if (found === undefined) throw new Error(`There is no contender "${name}"`);
  return found;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
