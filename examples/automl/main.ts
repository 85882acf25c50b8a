/**
 * Searches for the best way to read handwritten digits: four families of models with their
 * hyperparameters, compared by successive halving with early stopping.
 *
 * Run it with `deno task demo`, and with `--journal FILE` to go on where an earlier search was ended. `search.ts` shows how the package is used.
 *
 * @module
 */

import { UsageError } from "../../tools/options.ts";
import { baselineAccuracy } from "./baseline.ts";
import { TEST_COUNT, VALIDATION_COUNT } from "./dataset.ts";
import { testAccuracy } from "./final_test.ts";
import { leaderboard, percent, rungProgress, rungTitle } from "./leaderboard.ts";
import { loadDigits } from "./load_digits.ts";
import type { Place } from "./make_scheduler.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { search, type TrialCounts } from "./search.ts";
import { describe } from "./search_space.ts";
import { measureSpeedUp, measureToTheEnd } from "./speed_up.ts";
import { withBudget } from "./successive_halving.ts";
import { sampleCandidates } from "./trial.ts";

// The number of digits to train on, rung by rung.
const BUDGETS = [150, 450, 1350, 4050] as const;
// The most trials to measure the speed-up by, and what early stopping has saved.
const COMPARED = 24;

function readOptions(): Options {
  try {
    const options = parseOptions(Deno.args);
    if (options !== undefined) return options;
    console.log(USAGE);
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function countsOf({ result, exception, cancelled, stopped, known }: TrialCounts): string {
  return `Tasks: ${result + exception} run, ${exception} failed, ${cancelled} cancelled, ` +
    `${stopped} stopped early, ${known} known from the journal`;
}

const { seed, workers, processes, nats, trials, seconds, journal } = readOptions();
const place: Place = { workers, processes, nats };
const data = loadDigits(seed);
const candidates = sampleCandidates(seed, trials);
console.log(
  `Handwritten digits: ${TEST_COUNT} to test, ${VALIDATION_COUNT} to validate, ` +
    `${data.count - TEST_COUNT - VALIDATION_COUNT} to train`,
);

const { exit, halving, stopped, milliseconds } = await search({
  ...place,
  journal,
  data,
  candidates,
  budgets: BUDGETS,
  timeout: seconds * 1000,
  onRung: (halving) => console.log(rungTitle(halving)),
  onProgress: (halving) => console.log(rungProgress(halving)),
  onFinished: (halving, counts) => {
    console.log(`\n${leaderboard(halving)}\n`);
    console.log(countsOf(counts));
  },
});
const complete = exit.code === "exhausted";
console.log(`Search: ${inSeconds(milliseconds)}${complete ? "" : ", cut short by --seconds"}`);

const winner = halving.ranking[0]?.trial;
if (winner !== undefined) {
  // If the search was cut short, the winner may not have reached the largest budget.
  const accuracy = await testAccuracy(data, { ...winner, budget: BUDGETS[3] }, place);
  console.log(`Winner: trial ${winner.id}, ${describe(winner.configuration)}`);
  console.log(
    `Test accuracy: ${percent(accuracy)}, trained on ${BUDGETS[3]} digits, ` +
      `on ${TEST_COUNT} that the search never used`,
  );
  console.log(
    `Baseline: ${percent(baselineAccuracy(data))} on the same, by the nearest class mean`,
  );
}

if (complete && stopped.length > 0) {
  const some = stopped.slice(0, COMPARED);
  const taken = some.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const toTheEnd = await measureToTheEnd(data, some.map(({ trial }) => trial), place);
  console.log(
    `Early stopping: ${some.length} trials took ${inSeconds(taken)}, and ` +
      `${inSeconds(toTheEnd)} when they were run to the end afterwards`,
  );
}

if (complete && workers > 1) {
  const some = withBudget(candidates.slice(0, COMPARED), BUDGETS[0]);
  const { many, one } = await measureSpeedUp(data, some, place);
  console.log(
    `Speed-up: ${(one / many).toFixed(2)}, for ${inSeconds(one)} on 1 worker and ` +
      `${inSeconds(many)} on ${workers} (${some.length} trials of the first rung)`,
  );
} else {
  console.log(`Speed-up: not measured, ${complete ? "there is one worker" : "the time was up"}`);
}
