/** Schedulers, tasks, emitters, futures and exit states, each on its own, in HTML. @module */

import { inspected as inspectedBriefly } from "../_base/inspect.ts";
import { now as readClock } from "../_base/time.ts";
import { type Column, type Content, facts, framed, type Markup, markup, table } from "./_html.ts";
import {
  callsHtml,
  codeHtml,
  EXIT_REASONS,
  recentHtml,
  runHtml,
  taskCallsHtml,
  titleHtml,
  unwanted,
  workersHtml,
} from "./_run_html.ts";
import { count, duration } from "./_text.ts";
import { detailText } from "./_tree.ts";
import type { LossRecord, QueueRecord } from "./monitor_records.ts";
import type { ExitState } from "../run_options.ts";
import type {
  CallbackStatistics,
  EmitterStatistics,
  EventStatistics,
  PluginStatistics,
  SchedulerStatistics,
  TaskStatistics,
} from "../statistics.ts";

const MAX_ARGS = 16;
const MAX_LENGTH = 2000;
const OPTIONS: Deno.InspectOptions = {
  depth: 3,
  colors: false,
  iterableLimit: 20,
  strAbbreviateSize: 500,
};

/** The HTML of an emitter, a task or a scheduler. */
export function toHtml(statistics: EmitterStatistics): string {
  if ("tasks" in statistics) return schedulerHtml(statistics as SchedulerStatistics);
  if ("plugins" in statistics) return taskHtml(statistics as TaskStatistics);
  return emitterHtml(statistics);
}

/** A scheduler, on its own. */
function schedulerHtml(scheduler: SchedulerStatistics): string {
  const now = readClock();
  return framed(
    runHtml(scheduler, now),
    workersHtml(scheduler.workers, now),
    callsHtml(scheduler),
    recentHtml(scheduler.recentFutures),
    treeHtml(scheduler),
  );
}

/** Events, callbacks and plugins of scheduler and tasks, folded. */
export function treeHtml({ events, tasks }: SchedulerStatistics): Markup {
  return markup`<details><summary>Events and callbacks</summary>${eventsHtml(events)}${
    tasks.map(foldedTaskHtml)
  }</details>`;
}

/** A task, on its own. */
function taskHtml(task: TaskStatistics): string {
  return framed(titleHtml("Task", task.name), taskCallsHtml(task), contentHtml(task));
}

/** Function, plugins and events of a task, folded. */
function foldedTaskHtml(task: TaskStatistics): Markup {
  return markup`<details><summary>Task <strong>${task.name}</strong></summary>${
    contentHtml(task)
  }</details>`;
}

function contentHtml({ function: source, plugins, events }: TaskStatistics): Markup {
  return markup`<p>Function <code>${source}</code></p>${pluginsHtml(plugins)}${eventsHtml(events)}`;
}

/** An emitter, on its own. */
function emitterHtml({ name, events }: EmitterStatistics): string {
  return framed(titleHtml(name, undefined), eventsHtml(events));
}

/** Events with their counts and callbacks. */
function eventsHtml(events: readonly EventStatistics[]): Markup {
  return markup`<ul>${events.map(eventHtml)}</ul>`;
}

/** Plugins with their limits and counts. */
function pluginsHtml(plugins: readonly PluginStatistics[]): Markup | undefined {
  if (plugins.length === 0) return undefined;
  const item = ({ name, details }: PluginStatistics) =>
    markup`<li>plugin <strong>${name}</strong>${assignments(details)}</li>`;
  return markup`<ul>${plugins.map(item)}</ul>`;
}

function eventHtml({ name, count: emitted, callbacks }: EventStatistics): Markup {
  const label = emitted === 0
    ? markup`<span class="dim">${name} 0</span>`
    : markup`${name} <b>${count(emitted)}</b>`;
  const list = callbacks.length > 0 ? markup`<ul>${callbacks.map(callbackHtml)}</ul>` : undefined;
  return markup`<li>${label}${list}</li>`;
}

function callbackHtml({ name, calls, options }: CallbackStatistics): Markup {
  const times = calls === 1 ? "time" : "times";
  return markup`<li><code>${name}()</code> called <b>${count(calls)}</b> ${times}${
    assignments(options)
  }</li>`;
}

function assignments(record: Readonly<Record<string, unknown>>): Markup[] {
  return Object.entries(record).map(([key, value]) => {
    const assigned = value === true ? undefined : `=${detailText(value)}`;
    return markup` <span class="dim">${key}</span>${assigned}`;
  });
}

// --- futures and exit states

/** What is shown of a future. */
export interface ShownFuture {
  readonly id: number;
  readonly taskName: string;
  readonly state: "pending" | "running" | "done" | "cancelled";
  readonly args: readonly unknown[];
  readonly submittedAt: number;
  readonly startedAt: number | undefined;
  readonly settledAt: number | undefined;
  readonly worker: number | undefined;
}

/** What a call has ended with. */
type Outcome = { readonly result: unknown } | { readonly exception: unknown };

/** A future, on its own. */
export function futureHtml(future: ShownFuture, outcome: Outcome | undefined): string {
  const { id, taskName, args, submittedAt, startedAt, settledAt } = future;
  const until = settledAt ?? readClock();
  return framed(
    titleHtml(`Future #${id}`, stateHtml(future.state, outcome)),
    facts([
      ["task", taskName],
      ["arguments", args.length === 0 ? "none" : listHtml(args)],
      ...(future.state === "done" && outcome ? [outcomeFact(outcome)] : []),
      ["worker", future.worker],
      ["waited for", duration((startedAt ?? until) - submittedAt)],
      ["ran for", startedAt === undefined ? undefined : duration(until - startedAt)],
    ]),
  );
}

function stateHtml(state: ShownFuture["state"], outcome: Outcome | undefined): Markup {
  if (state === "pending") return markup`pending`;
  if (state === "running") return markup`<span class="busy">▶ running</span>`;
  if (state === "cancelled") return markup`<span class="dim">⊘ cancelled</span>`;
  return outcome !== undefined && "exception" in outcome
    ? markup`<span class="bad">✗ failed</span>`
    : markup`<span class="good">✓ succeeded</span>`;
}

function outcomeFact(outcome: Outcome): [name: string, value: Content] {
  if ("result" in outcome) return ["result", blockHtml(outcome.result)];
  return ["exception", errorHtml(outcome.exception)];
}

/** An error with its stack, folded. */
function errorHtml(error: unknown): Markup {
  const [first = "", ...stack] = inspected(error).split("\n");
  const text = markup`<span class="bad">${first}</span>`;
  if (stack.length === 0) return text;
  return markup`<details><summary>${text}</summary>${linesHtml(stack)}</details>`;
}

function listHtml(args: readonly unknown[]): Markup[] {
  return args.slice(0, MAX_ARGS).map(blockHtml);
}

function blockHtml(value: unknown): Markup {
  return linesHtml(inspected(value).split("\n"));
}

// A line at a time, because an inserted text shows a line break as "\n".
function linesHtml(lines: readonly string[]): Markup {
  return markup`<pre>${lines.map((line, index) => index === 0 ? line : markup`\n${line}`)}</pre>`;
}

/** An exit state, on its own. */
export function exitHtml({ code, message, exception, runaways }: ExitState): string {
  return framed(
    titleHtml("The run ended:", codeHtml(code), `, ${EXIT_REASONS[code]}`),
    facts([
      ["message", message],
      ["exception", exception === undefined ? undefined : errorHtml(exception)],
      ["runaways", runawaysHtml(runaways)],
    ]),
  );
}

function runawaysHtml(runaways: number | undefined): Markup | undefined {
  if (runaways === undefined || runaways === 0) return undefined;
  const text = runaways === 1 ? "1 thread still runs" : `${runaways} threads still run`;
  return markup`<span class="bad">${text}</span> although it was terminated. Only processes can be
stopped for certain: <code>Scheduler.withProcesses()</code>`;
}

/** A value as text of several lines. It never throws, though an object of the user may. */
function inspected(value: unknown): string {
  const text = inspectedBriefly(value, OPTIONS);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** What is shown of a monitor. */
export interface ShownMonitor {
  readonly records: readonly QueueRecord[];
  readonly losses: readonly Pick<LossRecord, "count">[];
}

/** The highest values in a stretch of time. */
interface Peak {
  queueSize: number;
  running: number;
}

const STEPS = 200;
const HEIGHT = 60;
const STEP_WIDTH = 2;

const COLUMNS: readonly Column<QueueRecord>[] = [
  { head: "after", cell: ({ time }) => duration(time) },
  { head: "queued", cell: ({ queued }) => queued, isNumber: true },
  { head: "running", cell: ({ running }) => running, isNumber: true },
  { head: "idle workers", cell: ({ idle }) => idle, isNumber: true },
  { head: "succeeded", cell: ({ finished }) => finished, isNumber: true },
  { head: "failed", cell: ({ failed }) => unwanted(failed), isNumber: true },
  { head: "cancelled", cell: ({ cancelled }) => cancelled, isNumber: true },
];

/** A monitor, on its own. */
export function monitorHtml({ records, losses }: ShownMonitor): string {
  const last = records.at(-1);
  if (last === undefined) return framed(titleHtml("QueueMonitor", "has no records yet"));
  const lost = losses.reduce((sum, loss) => sum + loss.count, 0);
  return framed(
    titleHtml("QueueMonitor", `${count(records.length)} records`),
    chartHtml(peaksOf(records, last.time), last.time),
    table("Latest record", [last], COLUMNS),
    lost > 0 ? markup`<p>Lost workers: ${unwanted(lost)}</p>` : undefined,
  );
}

function chartHtml(peaks: readonly Peak[], time: number): Markup {
  const most = Math.max(1, ...peaks.map(({ queueSize }) => queueSize));
  const text = `Unsettled calls over ${duration(time)}, ${count(most)} at most`;
  const [width, height] = [peaks.length * STEP_WIDTH, HEIGHT];
  const queued = areaOf(peaks.map(({ queueSize }) => queueSize / most));
  const running = areaOf(peaks.map(({ running }) => running / most));
  return markup`<p><svg role="img" aria-label="${text}" viewBox="0 0 ${width} ${height}"
width="${width}" height="${height}"><path class="queued" d="${queued}"></path>
<path class="running" d="${running}"></path></svg><br>${text}: <span class="running">■</span> running,
<span class="queued">■</span> waiting</p>`;
}

/** The highest values in each step of time. A value holds until the next record. */
function peaksOf(records: readonly QueueRecord[], time: number): Peak[] {
  const peaks: Peak[] = [];
  let before: Peak = { queueSize: 0, running: 0 };
  for (const record of records) {
    const step = time > 0 ? Math.min(STEPS - 1, Math.floor(record.time / time * STEPS)) : 0;
    while (peaks.length <= step) peaks.push({ ...before });
    const peak = peaks[step] ?? before;
    peak.queueSize = Math.max(peak.queueSize, record.queueSize);
    peak.running = Math.max(peak.running, record.running);
    before = record;
  }
  return peaks;
}

/** A path along values from 0 to 1. */
function areaOf(values: readonly number[]): string {
  const steps = values.map((value) => `V${toPixels(value)}h${STEP_WIDTH}`).join("");
  return `M0 ${HEIGHT}${steps}V${HEIGHT}Z`;
}

function toPixels(value: number): number {
  return Math.round((1 - value) * HEIGHT * 10) / 10;
}
