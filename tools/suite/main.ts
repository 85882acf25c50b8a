/**
 * Runs the tests, several parts at a time: `deno task test`, and `deno task test:full` for the
 * tests that it leaves out. The output of a part appears when the part ends.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { readArgs, runTool } from "../options.ts";
import { fullParts, QUICK } from "./parts.ts";
import { runParts } from "./run_parts.ts";

// Tests often wait, so a process takes about half a core.
const JOBS = navigator.hardwareConcurrency + 2;
// Several times the usual duration. Ends tests that hang, so that their output appears.
const LIMIT = 19 * 60_000;

await runTool(async () => {
  const { full } = readArgs({ args: Deno.args, options: { full: { type: "boolean" } } }).values;
  return await runParts(full ? await fullParts() : QUICK, {
    jobs: JOBS,
    signal: AbortSignal.timeout(LIMIT),
    print: console.log,
  });
});
