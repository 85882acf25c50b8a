/** The picture of the live display. @module */

import { runProgram } from "./run_program.ts";
import { terminalSVG } from "./terminal_svg.ts";

const SIZE = ["-x", "104", "-y", "34"];
const POLL_MS = 50;
// Far enough that there is something to see of everything: many calls are done, and a worker was lost.
const SHOWN = [/[3-8]\d % +about/, /\d×/];

/** Runs `examples/watching.ts` in a terminal, and draws what that shows after a third of the calls or more. */
export async function livePicture(path: string): Promise<void> {
  const server = `pictures-${crypto.randomUUID()}`;
  const tmux = (...args: string[]) => runProgram("tmux", "-L", server, "-f", "/dev/null", ...args);
  const command = `env -u NO_COLOR '${Deno.execPath()}' run --quiet --allow-read ` +
    `--import-map=import_map.npm.json examples/watching.ts`;
  await tmux("new-session", "-d", ...SIZE, command);
  try {
    for (;;) {
      const screen = await tmux("capture-pane", "-p", "-e");
      if (SHOWN.every((each) => each.test(screen))) {
        const lines = screen.trimEnd().split("\n");
        return await Deno.writeTextFile(path, terminalSVG(lines, "A run in a terminal"));
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    // Fails when the program has ended, and the session with it.
    await tmux("kill-server").catch(() => {});
  }
}
