/** A settled future in one line. @module */

import { dim, green, red, yellow } from "@std/fmt/colors";
import type { RecentFuture } from "../statistics.ts";
import { duration } from "./_duration.ts";
import { printable } from "./_printable.ts";

const STATES: Readonly<Record<RecentFuture["state"], (text: string) => string>> = {
  result: green,
  exception: red,
  cancelled: yellow,
};

/** Call, outcome and time of a future: `"#3 train(0.1) result after 340 ms"`. */
export function futureLine({ id, task, args, state, error, runningTime }: RecentFuture): string {
  const call = `${dim(`#${id}`)} ${printable(task)}(${printable(args)})`;
  const time = runningTime === undefined ? notRun(state) : `after ${duration(runningTime)}`;
  const why = error === undefined ? "" : `: ${printable(error)}`;
  return `${call} ${STATES[state](state)} ${dim(time)}${why}`;
}

function notRun(state: RecentFuture["state"]): string {
  return state === "result" ? "without a worker" : "before its start";
}
