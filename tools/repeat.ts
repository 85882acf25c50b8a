/**
 * Runs the crash suite again and again, for what goes wrong only now and then:
 * `deno task test:crash --repeat 10`. The suite is all of `tests/executors/`. Each round runs in an
 * order of its own, and every third with another size of batches, which it tells so that it can be had
 * again.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { numberOptions, runTool } from "./options.ts";

const SUITE = "tests/executors";
const MAX_SEED = 2 ** 31;
// As many calls a message as their time suggests, one, and 256.
const BATCHING = [[], ["--preload=tests/batching/one.ts"], ["--preload=tests/batching/full.ts"]];

/** What came of a round. */
interface Round {
  readonly passed: number;
  readonly failed: number;
  readonly good: boolean;
}

await runTool(async () => {
  const { repeat } = numberOptions(Deno.args, { repeat: { fallback: 1, from: 1 } });
  const sum = { passed: 0, failed: 0 };
  let good = true;
  let rounds = 0;
  while (good && rounds < repeat) {
    const batching = BATCHING[rounds % BATCHING.length] ?? [];
    const round = await runRound(`Round ${++rounds} of ${repeat}`, batching);
    sum.passed += round.passed;
    sum.failed += round.failed;
    good = round.good;
  }
  console.log(`In all: ${rounds} of ${repeat} rounds, ${told(sum)}`);
  return good;
});

async function runRound(title: string, batching: readonly string[]): Promise<Round> {
  const seed = Math.floor(Math.random() * MAX_SEED);
  const begin = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--import-map=import_map.npm.json",
      "--allow-all",
      `--shuffle=${seed}`,
      ...batching,
      SUITE,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout);
  const round = resultOf(output, success);
  if (!round.good) console.error(`${output}\n${new TextDecoder().decode(stderr)}`);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(
    `${title}: ${told(round)}, ${seconds} s (${[`--shuffle=${seed}`, ...batching].join(" ")})`,
  );
  return round;
}

function resultOf(output: string, success: boolean): Round {
  const [, passed, failed] = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(output) ??
    [];
  // A run that tells no counts, or has run nothing, is no success, whatever its exit code.
  const good = success && Number(passed) > 0 && failed === "0";
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0), good };
}

function told({ passed, failed }: { passed: number; failed: number }): string {
  return `${passed} passed, ${failed} failed`;
}
