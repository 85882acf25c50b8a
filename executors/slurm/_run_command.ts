/** Runs the commands of a job system. @module */

import { callAfter } from "../../scheduling/_base/time.ts";

// A command that hangs for longer is ended, and counts as one that was not answered.
const LONGEST_MS = 60_000;

/**
 * Runs a command with a text as its input; returns what it prints. The command starts before this function
 * returns, so that it also runs if the program exits then.
 *
 * @throws {Error} with what it printed to stderr if it fails, or if it is not installed.
 */
export async function runCommand(command: string, args: string[], input = ""): Promise<string> {
  const process = start(command, args);
  const cancelTimer = callAfter(LONGEST_MS, () => process.kill("SIGTERM"));
  const [, { success, stdout, stderr }] = await Promise.all([
    write(process.stdin, input),
    process.output(),
  ]);
  cancelTimer();
  if (success) return text(stdout);
  const reason = text(stderr).trim().split("\n").join("; ");
  throw new Error(`${command} has failed: ${reason || "it did not say why"}`);
}

function start(command: string, args: string[]): Deno.ChildProcess {
  try {
    const piped = "piped";
    const options = { args, stdin: piped, stdout: piped, stderr: piped } as const;
    return new Deno.Command(command, options).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const remedy = "install the commands of Slurm on this machine, or add their folder to PATH";
    throw new Error(`${command} was not found on PATH: ${remedy}`, { cause });
  }
}

async function write(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // The command has ended without reading all; it says why.
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
