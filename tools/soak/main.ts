/**
 * Repeats what long-lived programs do and measures whether memory grows, or anything is left behind:
 * `deno task soak`, some minutes; `--scale 0.1` for a tenth of the rounds. The program ends on its own
 * unless a timer or a listener keeps it alive.
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
