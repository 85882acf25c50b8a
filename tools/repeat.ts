/**
 * Runs the crash suite again and again, for what goes wrong only now and then:
 * `deno task test:crash --repeat 10`. The suite is all of `tests/executors/`. Each round runs in an
 * order of its own, and every third with another size of batches, which it tells so that it can be had
 * again.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { countsText, replayOf, runTests, type TestOutcome, type TestRun } from "./deno_test.ts";
import { numberOptions, runTool } from "./options.ts";

const SUITE = "tests/executors";
// As many calls a message as their time suggests, one, and 256.
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
