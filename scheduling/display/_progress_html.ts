/** How far a call and a run have come, in HTML. @module */

import type { SchedulerStatistics } from "../statistics.ts";
import { count, duration } from "./_duration.ts";
import { type Markup, markup } from "./_html.ts";
import type { CallProgressReport } from "./_progress_watch.ts";

/** What a call has reported of its progress. */
export function progressHtml(report: CallProgressReport | undefined): Markup | undefined {
  if (report === undefined) return undefined;
  return barHtml(report.fraction, report.message);
}

/** How many of a known number of calls have ended, and when the last will. */
export function totalHtml(
  { phase, throughput }: SchedulerStatistics,
  ended: number,
  total: number,
): Markup {
  const left = Math.max(0, total - ended);
  const time = phase === "running" && left > 0 && throughput > 0
    ? `, about ${duration(left / throughput * 1000)} left`
    : "";
  const text = `${count(ended)} of ${count(total)} calls have ended${time}`;
  return markup`<p>${barHtml(Math.min(1, ended / total), text)}</p>`;
}

function barHtml(fraction: number, text: string | undefined): Markup {
  const percent = `${Math.floor(fraction * 100)} %`;
  const rest = text === undefined ? "" : `: ${text}`;
  return markup`<progress max="1" value="${fraction}">${percent}</progress> ${percent}${rest}`;
}
