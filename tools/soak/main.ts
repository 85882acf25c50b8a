/**
 * Repeats what long-lived programs do, and checks that memory does not grow and that nothing is
 * left behind: `deno task soak`, for some minutes, or `--scale 0.1` for a tenth of the rounds. A
 * leaked timer or listener would keep this program from ending.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { numberOptions } from "../options.ts";
import { growthText, isGood, measure } from "./measure.ts";
import { SCENARIOS } from "./scenarios.ts";

const { scale } = numberOptions(Deno.args, {
  scale: { fallback: 1, from: 0, to: 100, fractions: true },
});

for (const scenario of SCENARIOS) {
  const growth = await measure(scenario, scale);
  console.log(growthText(growth));
  if (!isGood(growth)) Deno.exitCode = 1;
}
