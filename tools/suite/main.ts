/**
 * Runs the tests, several parts at a time: `deno task test`, and with `--full` what that leaves out:
 * `deno task test:full`. What a part prints appears when it ends.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { readArgs, runTool } from "../options.ts";
import { fullParts, QUICK } from "./parts.ts";
import { runParts } from "./run_parts.ts";

// Tests often wait: a process takes about half a core.
const JOBS = navigator.hardwareConcurrency + 2;
// Several times what it takes. Tests that hang are then ended and what they printed appears.
const LIMIT = 18 * 60_000;

await runTool(async () => {
  const { full } = readArgs({ args: Deno.args, options: { full: { type: "boolean" } } }).values;
  return await runParts(full ? await fullParts() : QUICK, {
    jobs: JOBS,
    signal: AbortSignal.timeout(LIMIT),
    print: console.log,
  });
});
