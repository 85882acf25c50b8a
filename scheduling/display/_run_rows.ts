/** What a run does and waits for, in rows. @module */

import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { shortened } from "../_base/shortened.ts";
import { now } from "../_base/time.ts";
import type {
  CallbackUnderWay,
  LastExit,
  RunPhase,
  RunWait,
  SchedulerStatistics,
} from "../statistics.ts";
import { duration, rate } from "./_duration.ts";
import { printable } from "./_printable.ts";

const PHASES: Readonly<Record<RunPhase, (text: string) => string>> = {
  running: green,
  finishing: yellow,
  "not running": dim,
};

/** The name of the scheduler and the phase of its run. */
export function runTitle({ name, phase }: SchedulerStatistics): string {
  return `${bold(printable(name))} ${PHASES[phase](phase)}`;
}

/** Executor, queue, times, what the run waits for, and how the last one ended. */
export function runRows(scheduler: SchedulerStatistics): string[] {
  const { phase, lastExit } = scheduler;
  const rows: [string, string | undefined][] = [
    ["executor", executorText(scheduler)],
    ["queue", queueText(scheduler)],
    ["time", timeText(scheduler)],
    ["calls", callTimesText(scheduler)],
    ["waits for", waitText(scheduler)],
    ["last run", phase === "not running" ? lastExit && exitText(lastExit) : undefined],
  ];
  return rows.flatMap(([name, text]) =>
    text === undefined ? [] : [`${dim(name.padEnd(9))} ${text}`]
  );
}

function executorText({ executor, workerCount }: SchedulerStatistics): string {
  const workers = workerCount === 1 ? "1 worker" : `${workerCount} workers`;
  return `${printable(executor)}, ${workers}`;
}

/** How many futures wait and run. */
export function queueText({ pending, held, runningCount }: SchedulerStatistics): string {
  const waiting = held === 0 ? "" : ` (${yellow(`${held}`)} held back)`;
  return `${yellow(`${pending}`)} pending${waiting}, ${yellow(`${runningCount}`)} running`;
}

function timeText({ elapsed, throughput }: SchedulerStatistics): string | undefined {
  if (elapsed === undefined) return undefined;
  return `${duration(elapsed)}, ${rate(throughput)}`;
}

function callTimesText({ waitingTime, runningTime }: SchedulerStatistics): string | undefined {
  if (waitingTime.median === undefined || runningTime.median === undefined) return undefined;
  return `ran ${duration(runningTime.median)}, waited ${duration(waitingTime.median)} (medians)`;
}

const WAITS: Readonly<Record<RunWait, string>> = {
  calls: "calls",
  workers: "workers to end",
  callbacks: "callbacks",
};

/** What the run waits for: a run that is ending for one thing, any run for its async callbacks. */
export function waitText({ waitsFor, callbacksUnderWay }: SchedulerStatistics): string | undefined {
  const callbacks = callbacksUnderWay.map(callbackText);
  if (waitsFor === undefined || waitsFor === "callbacks") {
    return callbacks.length === 0 ? undefined : shortened(callbacks.join(", "));
  }
  return shortened([WAITS[waitsFor], ...callbacks].join(", "));
}

function callbackText({ event, name, count: pending, since }: CallbackUnderWay): string {
  const times = pending === 1 ? "" : ` × ${pending}`;
  const what = event === "map" ? `${name}.map()` : `${name}() of ${event}`;
  return `${printable(what)}${times} for ${duration(now() - since)}`;
}

/** How a run ended. */
export function exitText({ code, message, error }: LastExit): string {
  const why = error ?? message;
  const text = why === undefined ? code : `${code}: ${shortened(printable(why))}`;
  return error === undefined ? text : red(text);
}
