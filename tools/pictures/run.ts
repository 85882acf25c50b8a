/** The picture of a run that has ended. @module */

import { runProgram } from "./run_program.ts";

/** Runs `examples/queue_monitor.ts`, which draws its run. */
export async function runPicture(path: string): Promise<void> {
  await runProgram(
    Deno.execPath(),
    "run",
    "--quiet",
    "--allow-read",
    `--allow-write=${path}`,
    "--import-map=import_map.npm.json",
    "examples/queue_monitor.ts",
    path,
  );
}
