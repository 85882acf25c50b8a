/** The process group of a child process: the programs that its tasks start belong to it. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";

/**
 * Whether child processes lead a group of their own. The terminal then sends its signals, such as that
 * of Ctrl-C, to this program alone.
 */
export function leadsGroup(): boolean {
  return Deno.build.os !== "windows";
}

/**
 * Kills the process with what it has started; the process alone if this program may not run every
 * program, because a group cannot be killed then.
 */
export function killWithGroup(child: ChildProcess): void {
  killGroup(child.pid);
  child.kill("SIGKILL");
}

/** Kills what a process of this id has started, if that is allowed; it may have ended itself. */
export function killGroup(pid: number | undefined): void {
  // Asked for, because an attempt would ask the user on a terminal.
  if (pid === undefined || !leadsGroup() || !mayRunAll()) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function mayRunAll(): boolean {
  return Deno.permissions.querySync({ name: "run" }).state === "granted";
}
