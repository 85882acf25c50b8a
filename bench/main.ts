/**
 * Measures the scheduler, the hand-written bases and the peers in turns, in one run, and compares
 * the medians with the targets. Run with `deno task bench`; `--small` checks that everything runs.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- prints the table

import { UsageError } from "../tools/options.ts";
import { experiments } from "./experiments/mod.ts";
import { judge } from "./judge.ts";
import type { Experiment } from "./model.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { describeMachine, type Outcome, writeResults } from "./results.ts";
import { runExperiment } from "./runner.ts";
import { select } from "./select.ts";
import { FULL, SMALL } from "./sizes.ts";
import { renderFindings, renderSamples } from "./table.ts";

async function measureAll(selected: readonly Experiment[], small: boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const experiment of selected) {
    console.log(`${experiment.name} (${experiment.unit})`);
    const since = performance.now();
    const samples = await runExperiment(experiment, small);
    console.log(renderSamples(experiment.unit, samples));
    console.log(`  (in ${((performance.now() - since) / 1000).toFixed(1)} s)`);
    outcomes.push({ experiment, samples, findings: judge(experiment, samples, !small) });
  }
  return outcomes;
}

async function main(options: BenchOptions): Promise<void> {
  if (options.help) return console.log(USAGE);
  const { small, only } = options;
  const selected = select(experiments(small ? SMALL : FULL), only);
  const machine = describeMachine();
  const { cpu, cores, os, deno } = machine;
  console.log(`Deno ${deno}, ${os}, ${cores} cores, ${cpu}, ${machine.date}\n`);
  const outcomes = await measureAll(selected, small);
  console.log(`\n${renderFindings(outcomes.flatMap(({ findings }) => findings))}`);
  if (!small && only.length === 0) await writeResults(machine, outcomes);
}

try {
  await main(parseOptions(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
// Threads of a peer that never answered would keep the process alive.
Deno.exit(0);
