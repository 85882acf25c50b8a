/** Measures the contenders of an experiment in turns. @module */

import { deadline } from "@std/async/deadline";
import type { Contender, Experiment, Samples, SamplesByName } from "./model.ts";

const DEFAULT_ROUNDS = 5;
/** A peer that loses a message never answers. */
const DEADLINE_MS = 60_000;

/** Measures each contender once per round, so that noise affects all of them alike. */
export async function runExperiment(
  { contenders, rounds = DEFAULT_ROUNDS }: Experiment,
  once: boolean,
): Promise<SamplesByName> {
  const samples = new Map<string, Samples>(contenders.map(({ name }) => [name, { values: [] }]));
  for (let round = 0; round < (once ? 1 : rounds); round++) {
    for (const contender of contenders) {
      const before = samples.get(contender.name);
      if (before === undefined || "failure" in before) continue;
      samples.set(contender.name, await extend(before.values, contender));
    }
  }
  return samples;
}

async function extend(values: readonly number[], contender: Contender): Promise<Samples> {
  collectGarbage();
  try {
    return { values: [...values, await deadline(measure(contender), DEADLINE_MS)] };
  } catch (error) {
    if (contender.mayFail) return { failure: String(error) };
    throw new Error(`${contender.name} failed`, { cause: error });
  }
}

async function measure(contender: Contender): Promise<number> {
  return await contender.measure();
}

/** Collects the garbage of one contender before the next one is measured. */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
