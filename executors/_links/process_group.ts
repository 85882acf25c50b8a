/** The process group of a child process, to which the programs that its tasks start belong. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";

/**
 * Whether child processes lead groups of their own, so that the signals of the terminal, such as
 * Ctrl-C, reach this program alone.
 */
export function leadsGroup(): boolean {
  return Deno.build.os !== "windows";
}

/**
 * Kills a process and the programs that it has started. If this program may not run every program, it
 * cannot kill groups: the process dies alone.
 */
export function killWithGroup(child: ChildProcess): void {
  killGroup(child.pid);
  child.kill("SIGKILL");
}

/** Kills the programs that a process has started, if permitted. The process may have ended. */
export function killGroup(pid: number | undefined): void {
  // Checks the permission first, because an attempt would prompt the user on a terminal.
  if (pid === undefined || !leadsGroup() || !mayRunAll()) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone.
  }
}

function mayRunAll(): boolean {
  return Deno.permissions.querySync({ name: "run" }).state === "granted";
}
