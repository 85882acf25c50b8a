/** The first lines of a frame: what the run does, how far it is, and what it waits for. @module */

import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { shortened } from "../_base/check.ts";
import type { ExitCode } from "../run_options.ts";
import type { LastExit, SchedulerStatistics } from "../statistics.ts";
import { bar, percent } from "./_bar.ts";
import { count, cutTo, duration, type Paint, printable, rate, widthOf } from "./_text.ts";
import { executorText, waitText } from "./_state_lines.ts";
import { endedCount, type RunView } from "./_run_view.ts";

const CODES: Readonly<Record<ExitCode, Paint>> = {
  exhausted: green,
  stopped: yellow,
  timeout: yellow,
  cancelled: yellow,
  exception: red,
};
const STATUS = 18;
const MAX_BAR = 48;
const BESIDE_BAR = 34;
const NARROWEST_BAR = 8;
const MINUTE = 60_000;

/** The lines above the tables. */
export function runHeader(view: RunView, width: number): string[] {
  const waits = waitText(view.statistics);
  return [
    statusLine(view.statistics),
    ...progressLine(view, width),
    ...countsLines(view, width),
    ...waits === undefined ? [] : [`${dim("waits for")} ${waits}`],
  ].map((line) => cutTo(line, width));
}

// Not at the right end: lines should be short, so that a terminal can become narrower without wrapping them.
function statusLine(statistics: SchedulerStatistics): string {
  const phase = phaseText(statistics);
  const space = " ".repeat(Math.max(3, STATUS - widthOf(phase)));
  return `${phase}${space}${dim(executorText(statistics))}`;
}

/** What the run does and for how long, or how it has ended. */
export function phaseText({ phase, lastExit, elapsed = 0 }: SchedulerStatistics): string {
  if (phase === "not running" && lastExit !== undefined) return exitText(lastExit, elapsed);
  const paint = phase === "running" ? green : yellow;
  return `${bold(paint(phase))} ${elapsedText(elapsed)}`;
}

function exitText({ code, message, error }: LastExit, elapsed: number): string {
  const paint = error === undefined ? CODES[code] : red;
  const why = error ?? message ?? (code === "exhausted" ? "nothing is left to do" : "");
  const reason = why === "" ? "" : `: ${shortened(printable(why))}`;
  return `${bold(paint(code))} after ${elapsedText(elapsed)}${reason}`;
}

function progressLine(view: RunView, width: number): string[] {
  if (view.total === undefined) return [];
  const fraction = endedCount(view) / view.total;
  const columns = Math.min(MAX_BAR, Math.max(NARROWEST_BAR, width - BESIDE_BAR));
  const left = view.timeLeft === undefined ? "" : `  ${timeLeftText(view.timeLeft)}`;
  return [`${bar(fraction, columns)}${percent(fraction)}${left}`];
}

function countsLines(view: RunView, width: number): string[] {
  const { statistics: { runningCount, pending, held, throughput }, failed, cancelled } = view;
  return wrapped([
    doneText(view),
    failed === 0 ? dim("0 failed") : red(`${count(failed)} failed`),
    ...cancelled === 0 ? [] : [yellow(`${count(cancelled)} cancelled`)],
    `${green(count(runningCount))} running`,
    `${yellow(count(pending))} ${pendingText(held)}`,
    dim(`${rate(throughput).replace("/s", " calls/s")}`),
  ], width);
}

/** Pending calls, of which some wait for other calls or for a plugin. */
export function pendingText(held: number): string {
  return held === 0 ? "pending" : `pending (${count(held)} held back)`;
}

/** As many parts in each line as fit. */
function wrapped([first = "", ...others]: readonly string[], width: number): string[] {
  const lines = [first];
  for (const part of others) {
    const longer = `${lines.at(-1)}   ${part}`;
    if (widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

/** How many calls have a result or an exception: `"40 of 100 done"`. */
export function doneText({ done, total }: RunView): string {
  return `${bold(count(done))}${total === undefined ? "" : ` of ${count(total)}`} done`;
}

/** A time that passes, by tenths of a second at first: `"12.3 s"`, `"1 min 12 s"`. */
export function elapsedText(ms: number): string {
  return ms < MINUTE - 50 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

/** An estimate, by whole seconds: `"about 18 s left"`. */
export function timeLeftText(ms: number): string {
  return `about ${duration(Math.max(1, Math.round(ms / 1000)) * 1000)} left`;
}
