/** Makes stacks of workers readable for users. @module */

import { withoutMarks } from "../../scheduling/_base/import_afresh.ts";

// The platform's form of a frame in code that was compiled from text.
const TASK_FRAME = /\(task:([^\s,]*), <anonymous>:(\d+:\d+)\)/g;

/**
 * Rewrites a stack: frames of a function that crossed as source text name the task, with line and column
 * in that text; frames of modules name their URLs.
 *
 * @param task The name of the task; without it, frames name the function.
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
