/** What workers do, in lines. @module */

import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { now } from "../_base/time.ts";
import type { WorkerState, WorkerStatistics } from "../executor.ts";
import { duration } from "./_duration.ts";
import { printable } from "./_printable.ts";

const MAX_LINES = 16;
const STATES: Readonly<Record<WorkerState, (text: string) => string>> = {
  busy: green,
  idle: dim,
  starting: yellow,
  ended: dim,
};

/** A line for each worker; past 16, those that are busy or were lost, and the number of the others. */
export function workerLines(workers: readonly WorkerStatistics[]): string[] {
  const shown = workers.length <= MAX_LINES
    ? workers
    : workers.filter(isOfInterest).slice(0, MAX_LINES);
  const left = workers.length - shown.length;
  return [...shown.map(workerLine), ...left === 0 ? [] : [dim(`… and ${left} more`)]];
}

function isOfInterest({ call, losses }: WorkerStatistics): boolean {
  return call !== undefined || losses > 0;
}

/** What a worker runs and has done. */
export function workerLine(worker: WorkerStatistics): string {
  const { number, state, callsDone, starts, losses } = worker;
  const parts = [
    `${bold(`${number}`)} ${callText(worker) ?? STATES[state](state)}`,
    callsDone === 1 ? "1 call done" : `${callsDone} calls done`,
    ...starts > 1 ? [`started ${starts} times`] : [],
    ...losses > 0 ? [red(losses === 1 ? "lost once" : `lost ${losses} times`)] : [],
  ];
  return parts.join(", ");
}

function callText({ call }: WorkerStatistics): string | undefined {
  if (call === undefined) return undefined;
  const time = duration(now() - call.startedAt);
  return `${green("runs")} ${printable(call.task)} #${call.future} for ${time}`;
}
