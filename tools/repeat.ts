/**
 * Repeats the crash suite to find failures that are rare: `deno task test:crash --repeat 10`. The
 * suite is all of `tests/executors/`. Each round has its own order of tests, and the size of
 * batches alternates; both are printed, so that a round can be repeated.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { countsText, replayOf, runTests, type TestOutcome, type TestRun } from "./deno_test.ts";
import { numberOptions, runTool } from "./options.ts";

const SUITE = "tests/executors";
// Adaptive batches, batches of 1 call, and batches of 256 calls.
const MODES: readonly TestRun["env"][] = [{}, { BATCH: "1" }, { BATCH: "256" }];

await runTool(async () => {
  const { repeat } = numberOptions(Deno.args, { repeat: { fallback: 1, from: 1 } });
  const sum = { passed: 0, failed: 0 };
  let good = true;
  let rounds = 0;
  while (good && rounds < repeat) {
    const env = MODES[rounds % MODES.length] ?? {};
    const round = await runRound(`Round ${++rounds} of ${repeat}`, { args: [SUITE], env });
    sum.passed += round.passed;
    sum.failed += round.failed;
    good = round.good;
  }
  console.log(`In all: ${rounds} of ${repeat} rounds, ${countsText(sum)}`);
  return good;
});

async function runRound(title: string, run: TestRun): Promise<TestOutcome> {
  const round = await runTests(run);
  if (!round.good) console.error(round.output);
  console.log(
    `${title}: ${countsText(round)}, ${round.seconds.toFixed(1)} s (${replayOf(run, round)})`,
  );
  return round;
}
