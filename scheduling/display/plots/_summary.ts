/** What a reader wants to know of a run, in words. @module */

import { count, cutTo, duration, printable } from "../_text.ts";
import type { AttemptRecord, LossRecord, QueueRecord } from "../monitor_records.ts";

const LONGEST_NAME = 40;
const LISTED_LOSSES = 3;

/** What has been recorded. */
export interface Recorded {
  readonly records: readonly QueueRecord[];
  readonly calls: readonly AttemptRecord[];
  readonly losses: readonly LossRecord[];
}

/** A few lines of text; no line for what did not happen. */
export function summary({ records, calls, losses }: Recorded): string[] {
  const last = records.at(-1);
  if (last === undefined) return ["no records yet: no run has begun"];
  return [countsLine(last, calls), loadLine(records, calls), lossLine(losses)].filter((line) =>
    line !== ""
  );
}

/** A name of a task that is safe to show and not too long. */
export function shortName(task: string | undefined, width: number = LONGEST_NAME): string {
  return cutTo(printable(task ?? "several tasks"), width);
}

function countsLine(
  { finished, failed, cancelled, queued, running }: QueueRecord,
  calls: readonly AttemptRecord[],
): string {
  const retried = calls.reduce(
    (sum, { outcome, count }) => outcome === "retried" ? sum + count : sum,
    0,
  );
  return [
    `${count(finished)} finished`,
    `${count(failed)} failed`,
    `${count(cancelled)} cancelled`,
    ...retried > 0 ? [plural(retried, "attempt was", "attempts were", "tried again")] : [],
    ...running > 0 ? [`${count(running)} running`] : [],
    ...queued > 0 ? [`${count(queued)} queued`] : [],
  ].join(", ");
}

function loadLine(records: readonly QueueRecord[], calls: readonly AttemptRecord[]): string {
  const busy = busyShare(records);
  const slowest = slowestTask(calls);
  return [
    ...busy === undefined ? [] : [`workers were busy ${Math.round(busy * 100)} % of the time`],
    ...slowest === undefined ? [] : [slowest],
  ].join(", ");
}

function busyShare(records: readonly QueueRecord[]): number | undefined {
  let busy = 0;
  let all = 0;
  records.forEach(({ time, running, idle }, index) => {
    const lasted = (records[index + 1]?.time ?? time) - time;
    busy += running * lasted;
    all += (running + idle) * lasted;
  });
  return all > 0 ? busy / all : undefined;
}

function slowestTask(calls: readonly AttemptRecord[]): string | undefined {
  const times = new Map<string, { sum: number; callCount: number }>();
  for (const { task, runningTime, count } of calls) {
    if (task === undefined) continue;
    const { sum, callCount } = times.get(task) ?? { sum: 0, callCount: 0 };
    times.set(task, { sum: sum + runningTime, callCount: callCount + count });
  }
  if (times.size < 2) return undefined;
  const means = Array.from(
    times,
    ([task, { sum, callCount }]) => ({ task, mean: sum / callCount }),
  );
  const { task, mean } = means.reduce((a, b) => b.mean > a.mean ? b : a);
  return `slowest task: ${shortName(task)}, ${duration(mean)} a call on average`;
}

function lossLine(losses: readonly LossRecord[]): string {
  const total = losses.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return "";
  const listed = losses.slice(0, LISTED_LOSSES).map(({ worker, time, count }) =>
    `worker ${worker} at ${duration(time)}${count > 1 ? ` (${count} times)` : ""}`
  );
  const rest = losses.length > LISTED_LOSSES ? ", and later" : "";
  return `${plural(total, "worker was", "workers were", "lost")}: ${listed.join(", ")}${rest}`;
}

function plural(number: number, one: string, many: string, verb: string): string {
  return `${count(number)} ${number === 1 ? one : many} ${verb}`;
}
