/**
 * Runs tasks of all kinds, many of them faulty, on all executors, and counts the outcomes: `deno
 * task chaos --tasks 10000 --seed 1 --repeat 1`. With `--batch 1` each call is sent alone. The same
 * seed gives the same tasks in the same order. Fails if a future never settles, settles twice, or
 * has an outcome that its kind forbids.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { numberOptions, runTool } from "../options.ts";
import { EXECUTORS, kindsFor } from "./kinds.ts";
import { reportText } from "./report.ts";
import { isGood, runChaos } from "./run.ts";

// Many times the duration on a slow machine.
const DEADLINE_BASE = 60_000;
const DEADLINE_PER_TASK = 50;
const ADAPTIVE = 0;

const accepted = {
  tasks: { fallback: 10_000, from: 1 },
  seed: { fallback: Math.floor(Math.random() * 2 ** 31), from: 0 },
  repeat: { fallback: 1, from: 1 },
  batch: { fallback: ADAPTIVE, from: ADAPTIVE, to: 256 },
};

await runTool(async () => {
  const { tasks, seed: first, repeat, batch: size } = numberOptions(Deno.args, accepted);
  const batch = size === ADAPTIVE ? "adaptive" : size;
  // Processes inherit this variable.
  Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=64");
  const deadline = DEADLINE_BASE + DEADLINE_PER_TASK * tasks;
  for (let seed = first; seed < first + repeat; seed++) {
    console.log(`Seed ${seed}, ${tasks} tasks on each executor, batch ${batch}`);
    for (const executor of EXECUTORS) {
      const kinds = kindsFor(executor, true);
      const report = await runChaos({ executor, kinds, batch, tasks, seed, deadline });
      console.log(reportText(report));
      if (!isGood(report)) return false;
    }
  }
  return true;
});
