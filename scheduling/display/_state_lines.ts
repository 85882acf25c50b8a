/** What a run, its workers and its futures do, in lines. @module */

import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { shortened } from "../_base/check.ts";
import { now } from "../_base/time.ts";
import type { WorkerState, WorkerStatistics } from "../executor.ts";
import type {
  CallbackUnderWay,
  LastExit,
  RecentFuture,
  RunPhase,
  RunWait,
  SchedulerStatistics,
} from "../statistics.ts";
import { count, duration, type Paint, printable, rate } from "./_text.ts";

const PHASES: Readonly<Record<RunPhase, Paint>> = {
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

/** The executor and the number of its workers. */
export function executorText({ executor, workerCount }: SchedulerStatistics): string {
  const workers = workerCount === 1 ? "1 worker" : `${count(workerCount)} workers`;
  return `${printable(executor)}, ${workers}`;
}

/** How many futures wait and run. */
function queueText({ pending, held, runningCount }: SchedulerStatistics): string {
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

// --- workers

const MAX_WORKERS = 16;
const WORKER_STATES: Readonly<Record<WorkerState, Paint>> = {
  busy: green,
  idle: dim,
  starting: yellow,
  ended: dim,
  refused: yellow,
};

/** A line for each worker; past 16, those that are busy or were lost, and the number of the others. */
export function workerLines(workers: readonly WorkerStatistics[]): string[] {
  const shown = workers.length <= MAX_WORKERS
    ? workers
    : workers.filter(isOfInterest).slice(0, MAX_WORKERS);
  const left = workers.length - shown.length;
  return [...shown.map(workerLine), ...left === 0 ? [] : [dim(`… and ${left} more`)]];
}

function isOfInterest({ call, losses }: WorkerStatistics): boolean {
  return call !== undefined || losses > 0;
}

/** What a worker runs and has done. */
function workerLine(worker: WorkerStatistics): string {
  const { number, state, callsDone, starts, losses, remote } = worker;
  const place = remote === undefined ? "" : ` on ${printable(remote.host)}`;
  const parts = [
    `${bold(`${number}`)}${place} ${callText(worker) ?? WORKER_STATES[state](state)}`,
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

// --- futures

const OUTCOMES: Readonly<Record<RecentFuture["state"], Paint>> = {
  result: green,
  exception: red,
  cancelled: yellow,
};

/** Call, outcome and time of a future: `"#3 train(0.1) result after 340 ms"`. */
export function futureLine({ id, task, args, state, error, runningTime }: RecentFuture): string {
  const call = `${dim(`#${id}`)} ${printable(task)}(${printable(args)})`;
  const time = runningTime === undefined ? notRun(state) : `after ${duration(runningTime)}`;
  const why = error === undefined ? "" : `: ${printable(error)}`;
  return `${call} ${OUTCOMES[state](state)} ${dim(time)}${why}`;
}

function notRun(state: RecentFuture["state"]): string {
  return state === "result" ? "without a worker" : "before its start";
}
