/** A run while it is under way, in HTML. @module */

import { now as readClock } from "../_base/time.ts";
import type { RunningCall, WorkerStatistics } from "../executor.ts";
import { count, duration } from "./_text.ts";
import { type Content, type Markup, markup } from "./_html.ts";
import {
  type CallCounts,
  callsTable,
  ratesHtml,
  recentHtml,
  runHtml,
  workersHtml,
} from "./_run_html.ts";
import { endedCount, type RunningCallView, type RunView, type TaskView } from "./_run_view.ts";

/** What a run and its workers do, how far it is, and what its calls came to; without those of earlier runs. */
export function viewHtml(view: RunView): Markup {
  const { statistics } = view;
  const now = readClock();
  return markup`${view.total && totalHtml(view, view.total)}${runHtml(statistics, now)}${
    workersHtml(workersOf(view), now, callsOf(view))
  }${viewCallsHtml(view)}${ratesHtml(statistics)}${recentHtml(statistics.recentFutures)}`;
}

function totalHtml(view: RunView, total: number): Markup {
  const { timeLeft, statistics: { phase } } = view;
  const ended = endedCount(view);
  const isEnding = timeLeft === undefined || phase !== "running";
  const left = isEnding ? "" : `, about ${duration(timeLeft)} left`;
  const text = `${count(ended)} of ${count(total)} calls have ended${left}`;
  return markup`<p>${barHtml(ended / total, text)}</p>`;
}

function workersOf({ workers, statistics }: RunView): WorkerStatistics[] {
  return statistics.workers.map((worker, index) => {
    const { done = 0, losses = 0 } = workers[index] ?? {};
    return { ...worker, callsDone: done, losses };
  });
}

function callsOf({ workers }: RunView): (call: RunningCall) => Content {
  const calls = new Map<number, RunningCallView>();
  for (const { call } of workers) if (call !== undefined) calls.set(call.future, call);
  return ({ task, future }) => {
    const { args, progress } = calls.get(future) ?? {};
    const name = args === undefined ? task : markup`<code>${task}(${args})</code>`;
    const bar = progress && markup` ${barHtml(progress.fraction, progress.message)}`;
    return markup`${name} <span class="dim">#${future}</span>${bar}`;
  };
}

function viewCallsHtml(view: RunView): Markup | undefined {
  const { statistics: { tasks, pending, held, runningCount, runningTime } } = view;
  const rows = view.tasks.map((task, index): CallCounts => ({
    ...task,
    ...countsOf(task),
    unsettled: task.pending + task.running,
    runningTime: tasks[index]?.runningTime ?? { median: task.median, p99: undefined },
  }));
  return callsTable(rows, {
    name: "all calls",
    ...countsOf(view),
    unsettled: pending + runningCount,
    running: runningCount,
    held,
    waitsFor: [],
    runningTime,
  });
}

function countsOf(
  { done, failed, cancelled }: Pick<TaskView, "done" | "failed" | "cancelled">,
): Pick<CallCounts, "succeeded" | "failed" | "cancelled"> {
  return { succeeded: done - failed, failed, cancelled };
}

function barHtml(fraction: number, text: string | undefined): Markup {
  const percent = `${Math.floor(fraction * 100)} %`;
  const rest = text === undefined ? "" : `: ${text}`;
  return markup`<progress max="1" value="${fraction}">${percent}</progress> ${percent}${rest}`;
}
