/** A run in one line, for a stream that is no terminal. @module */

import { stripAnsiCode } from "@std/fmt/colors";
import { count, rate } from "./_text.ts";
import { doneText, elapsedText, pendingText, phaseText, timeLeftText } from "./_run_header.ts";
import { waitText } from "./_state_lines.ts";
import type { RunView } from "./_run_view.ts";

/** `"12.3 s  40 of 100 done, 2 failed, 2 running, 58 pending, 3.2/s, about 18 s left"`. */
export function plainLine(view: RunView): string {
  const { statistics, failed, cancelled, timeLeft } = view;
  const { phase, elapsed = 0, runningCount, pending, held, throughput } = statistics;
  const isOver = phase === "not running";
  const waits = waitText(statistics);
  const parts = [
    doneText(view),
    ...failed === 0 ? [] : [`${count(failed)} failed`],
    ...cancelled === 0 ? [] : [`${count(cancelled)} cancelled`],
    ...isOver ? [] : [`${count(runningCount)} running`, `${count(pending)} ${pendingText(held)}`],
    rate(throughput),
    ...timeLeft === undefined ? [] : [timeLeftText(timeLeft)],
    ...phase === "finishing" ? ["finishing"] : [],
    ...waits === undefined ? [] : [`waits for ${waits}`],
    ...isOver ? [phaseText(statistics)] : [],
  ];
  return stripAnsiCode(`${elapsedText(elapsed)}  ${parts.join(", ")}`);
}
