/** The picture of the live display. @module */

import { runProgram } from "./run_program.ts";
import { terminalSVG } from "./terminal_svg.ts";

const PROGRAM = "examples/watching.ts";
const SIZE = ["-x", "104", "-y", "34"];
const POLL_MS = 50;
// Far enough that there is something to see of everything: many calls are done, and a worker was lost.
const SHOWN = [/[3-8]\d % +about/, /\d×/];

// On a machine that stands still, a run may be over before it was looked at.
const ATTEMPTS = 5;

/** Runs `examples/watching.ts` in a terminal, and draws what that shows after a third of the calls or more. */
export async function livePicture(path: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const screen = await screenOfRun();
    if (screen === undefined) continue;
    const lines = screen.trimEnd().split("\n");
    return await Deno.writeTextFile(path, terminalSVG(lines, "A run in a terminal"));
  }
  throw new Error(`${PROGRAM} has ended ${ATTEMPTS} times before a third of its calls was seen`);
}

/** What a run shows then; undefined if it is over. */
async function screenOfRun(): Promise<string | undefined> {
  const server = `pictures-${crypto.randomUUID()}`;
  const tmux = (...args: string[]) => runProgram("tmux", "-L", server, "-f", "/dev/null", ...args);
  const command = `env -u NO_COLOR '${Deno.execPath()}' run --quiet --allow-read ` +
    `--import-map=import_map.npm.json ${PROGRAM}`;
  await tmux("new-session", "-d", ...SIZE, command);
  try {
    for (;;) {
      // Fails when the program has ended, and the session with it.
      const screen = await tmux("capture-pane", "-p", "-e").catch(() => undefined);
      if (screen === undefined || SHOWN.every((each) => each.test(screen))) return screen;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await tmux("kill-server").catch(() => {});
  }
}
