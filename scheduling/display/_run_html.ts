/** What a run, its workers and its calls do, in HTML. @module */

import { shortened } from "../_base/check.ts";
import type { RunningCall, WorkerStatistics } from "../executor.ts";
import type { ExitCode } from "../run_options.ts";
import type {
  CallbackUnderWay,
  EventStatistics,
  RecentFuture,
  SchedulerStatistics,
  TaskStatistics,
  TimeStatistics,
} from "../statistics.ts";
import { count, duration, rate } from "./_text.ts";
import { type Column, type Content, type Markup, markup, table } from "./_html.ts";

// An iteration of `task.map()` counts as a callback of this event.
const MAP = "map";

/** Why a run ended, for those who do not know the codes. */
export const EXIT_REASONS: Readonly<Record<ExitCode, string>> = {
  exhausted: "nothing was left to do",
  stopped: "stop() was called, or the run was aborted",
  timeout: "its time was up",
  cancelled: "a call was cancelled",
  exception: "an error ended it",
};

/** A name, its state and what else belongs into the first line. */
export function titleHtml(name: string, state: Content, ...more: Content[]): Markup {
  return markup`<p class="title"><strong>${name}</strong> ${state}${more}</p>`;
}

/** The code of an exit state. */
export function codeHtml(code: ExitCode): Markup {
  if (code === "exhausted") return markup`<span class="good">${code}</span>`;
  if (code === "exception") return markup`<span class="bad">${code}</span>`;
  return markup`<b>${code}</b>`;
}

/** The phase of the run, with its time, what it waits for, and how the last one ended. */
export function runHtml(scheduler: SchedulerStatistics, now: number): Markup {
  const { name, executor, workerCount, callbacksUnderWay } = scheduler;
  const workers = ` · ${executor}, ${count(workerCount)} ${
    workerCount === 1 ? "worker" : "workers"
  }`;
  return markup`${titleHtml(name, phaseHtml(scheduler), workers)}
${waitHtml(scheduler)}${callbacksHtml(callbacksUnderWay, now)}${lastExitHtml(scheduler)}`;
}

function phaseHtml({ phase, lastExit, elapsed = 0 }: SchedulerStatistics): Markup {
  const time = `for ${duration(elapsed)}`;
  if (phase === "running") return markup`<span class="busy">▶ running</span> ${time}`;
  if (phase === "finishing") return markup`<span class="busy">◼ finishing</span>, ran ${time}`;
  return lastExit === undefined ? markup`has not run yet` : markup`not running`;
}

function waitHtml(scheduler: SchedulerStatistics): Markup | undefined {
  const { waitsFor, runningCount, pending } = scheduler;
  if (waitsFor === undefined) return undefined;
  if (waitsFor === "workers") return markup`<p>The run waits for its workers to end.</p>`;
  if (waitsFor === "callbacks") return markup`<p>The run waits for async callbacks.</p>`;
  const running = `${runningCount} running ${runningCount === 1 ? "call" : "calls"}`;
  const others = pending > 0 ? ` and ${count(pending)} waiting ones` : "";
  return markup`<p>The run waits for ${running}${others}.</p>`;
}

function callbacksHtml(callbacks: readonly CallbackUnderWay[], now: number): Markup | undefined {
  if (callbacks.length === 0) return undefined;
  return table("Async callbacks under way", callbacks, [
    { head: "callback", cell: callbackName },
    { head: "of event", cell: ({ event }) => event === MAP ? "–" : event },
    { head: "how many", cell: (callback) => callback.count, isNumber: true },
    { head: "for", cell: ({ since }) => duration(Math.max(0, now - since)), isNumber: true },
  ]);
}

function callbackName({ event, name }: CallbackUnderWay): Markup {
  return markup`<code>${event === MAP ? `${name}.map` : name}()</code>`;
}

function lastExitHtml({ phase, lastExit, elapsed }: SchedulerStatistics): Markup | undefined {
  if (lastExit === undefined) return undefined;
  const { code, message, error } = lastExit;
  const [run, time] = phase === "not running"
    ? ["The run", elapsed === undefined ? "" : ` after ${duration(elapsed)}`]
    : ["The run before", ""];
  const told = message === undefined ? undefined : markup`, <q>${message}</q>`;
  const failure = error === undefined ? "." : markup`: <span class="bad">${error}</span>`;
  return markup`<p>${run} ended${time}: ${codeHtml(code)}, ${
    EXIT_REASONS[code]
  }${told}${failure}</p>`;
}

// --- workers

/** A table of the workers; `describe` shows the call that one runs. */
export function workersHtml(
  workers: readonly WorkerStatistics[],
  now: number,
  describe: (call: RunningCall) => Content = runningHtml,
): Markup | undefined {
  const columns: Column<WorkerStatistics>[] = [
    { head: "worker", cell: ({ number }) => number },
    { head: "state", cell: ({ state }) => stateHtml(state) },
    { head: "runs", cell: ({ call }) => call && describe(call) },
    {
      head: "for",
      cell: ({ call }) => call && duration(Math.max(0, now - call.startedAt)),
      isNumber: true,
    },
    { head: "calls done", cell: ({ callsDone }) => callsDone, isNumber: true },
    { head: "starts", cell: ({ starts }) => starts, isNumber: true },
    { head: "times lost", cell: ({ losses }) => unwanted(losses), isNumber: true },
  ];
  return table("Workers", workers, columns);
}

function runningHtml({ task, future }: RunningCall): Markup {
  return markup`${task} <span class="dim">#${future}</span>`;
}

function stateHtml(state: WorkerStatistics["state"]): Content {
  return state === "busy" ? markup`<span class="busy">▶ busy</span>` : state;
}

// --- calls

/** Counts of the calls of one task, or of all. */
export interface CallCounts {
  readonly name: string;
  readonly unsettled: number;
  readonly held: number;
  /** The tasks whose calls the held ones wait for. */
  readonly waitsFor: readonly string[];
  /** Undefined if it is not known. */
  readonly running: number | undefined;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly runningTime: TimeStatistics;
}

const COLUMNS: readonly Column<CallCounts>[] = [
  { head: "task", cell: ({ name }) => name },
  { head: "unsettled", cell: ({ unsettled }) => unsettled, isNumber: true },
  { head: "held", cell: heldText, isNumber: true },
  { head: "running", cell: ({ running }) => running ?? "–", isNumber: true },
  { head: "succeeded", cell: ({ succeeded }) => succeeded, isNumber: true },
  { head: "failed", cell: ({ failed }) => unwanted(failed), isNumber: true },
  { head: "cancelled", cell: ({ cancelled }) => cancelled, isNumber: true },
  { head: "median time", cell: ({ runningTime }) => time(runningTime.median), isNumber: true },
  { head: "99 % within", cell: ({ runningTime }) => time(runningTime.p99), isNumber: true },
];

/** Counts of the calls of each task, and of all calls of the scheduler. */
export function callsHtml(scheduler: SchedulerStatistics): Markup {
  const { tasks, events, pending, runningCount, held, runningTime } = scheduler;
  const running = runningByTask(scheduler);
  const total: CallCounts = {
    name: "all calls",
    unsettled: pending + runningCount,
    running: runningCount,
    ...outcomes(events, "future-"),
    held,
    waitsFor: [],
    runningTime,
  };
  const rows = tasks.map((task) => countsOf(task, running.get(task.name)));
  return markup`${callsTable(rows, total)}${ratesHtml(scheduler)}`;
}

/** A table of counts: a row for each task, and one for all calls. */
export function callsTable(rows: readonly CallCounts[], total: CallCounts): Markup | undefined {
  return table("Calls", rows, COLUMNS, total);
}

/** Counts of the calls of a task. */
export function taskCallsHtml(task: TaskStatistics): Markup | undefined {
  // Which calls run, only the scheduler knows.
  return table(
    "Calls",
    [countsOf(task, undefined)],
    COLUMNS.filter(({ head }) => head !== "running"),
  );
}

/** A count of what nobody wants: it stands out unless it is 0. */
export function unwanted(times: number): Content {
  return times === 0 ? 0 : markup`<span class="bad">${count(times)}</span>`;
}

/** A time that may not be known. */
export function time(ms: number | undefined): string {
  return ms === undefined ? "–" : duration(ms);
}

function countsOf(task: TaskStatistics, running: number | undefined): CallCounts {
  const { name, queueSize: unsettled, held, waitsFor, runningTime, events } = task;
  return { name, unsettled, held, waitsFor, running, ...outcomes(events, ""), runningTime };
}

function heldText({ held, waitsFor }: CallCounts): Content {
  return waitsFor.length === 0
    ? held
    : `${count(held)}, wait for ${shortened(waitsFor.join(", "))}`;
}

function outcomes(events: readonly EventStatistics[], prefix: "" | "future-") {
  const counted = (name: string) =>
    events.find((event) => event.name === prefix + name)?.count ?? 0;
  return {
    succeeded: counted("result"),
    failed: counted("exception"),
    cancelled: counted("cancelled"),
  };
}

// A worker names the task of its call, so the calls of tasks of one name cannot be told apart.
function runningByTask({ workers, tasks }: SchedulerStatistics): Map<string, number | undefined> {
  const running = new Map<string, number | undefined>();
  if (workers.length === 0) return running;
  for (const { name } of tasks) running.set(name, running.has(name) ? undefined : 0);
  for (const { call } of workers) {
    const before = call && running.get(call.task);
    if (before !== undefined) running.set(call?.task ?? "", before + 1);
  }
  return running;
}

/** How fast calls end and start. */
export function ratesHtml({ throughput, waitingTime }: SchedulerStatistics): Markup | undefined {
  const { median, p99 } = waitingTime;
  if (median === undefined || p99 === undefined) return undefined;
  const [half, most] = [duration(median), duration(p99)];
  return markup`<p>Calls end at a rate of ${
    rate(throughput)
  }. Half of the calls start within ${half} of submit(),
99 % within ${most}.</p>`;
}

const RECENT_COLUMNS: readonly Column<RecentFuture>[] = [
  { head: "future", cell: ({ id }) => `#${id}` },
  { head: "call", cell: ({ task, args }) => markup`<code>${task}(${args})</code>` },
  { head: "outcome", cell: outcomeHtml },
  { head: "waited", cell: ({ waitingTime }) => time(waitingTime), isNumber: true },
  { head: "ran", cell: ({ runningTime }) => time(runningTime), isNumber: true },
];

/** A table of the futures that settled last, the latest first. */
export function recentHtml(futures: readonly RecentFuture[]): Markup | undefined {
  return table("Settled last", futures.toReversed(), RECENT_COLUMNS);
}

function outcomeHtml({ state, error }: RecentFuture): Markup {
  if (state === "result") return markup`<span class="good">✓ succeeded</span>`;
  if (state === "cancelled") return markup`<span class="dim">⊘ cancelled</span>`;
  return markup`<span class="bad">✗ failed</span>${error && `: ${error}`}`;
}
