/** Stacks of workers as users can read them. @module */

import { withoutMarks } from "../../scheduling/_base/import_afresh.ts";

// How the platform writes a frame of code that was compiled from text.
const TASK_FRAME = /\(task:([^\s,]*), <anonymous>:(\d+:\d+)\)/g;

/**
 * A stack in which the frames of a function that crossed as text name its task, with line and column
 * of the text, and those of modules their URLs.
 *
 * @param task The name of the task; without one, that of the function is there.
 */
export function readableStack(stack: string, task: string | undefined): string {
  return withoutMarks(stack)
    .replace(
      TASK_FRAME,
      (_, name: string, place: string) => `(task ${task ?? decode(name)}:${place})`,
    )
    .replace(/^(\s+at (?:async )?)eval \(task /gm, "$1<anonymous> (task ");
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
