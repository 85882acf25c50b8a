/** What a `QueueMonitor` has recorded, in HTML: a small chart and the latest counts. @module */

import { count, duration } from "./_text.ts";
import { type Column, framed, type Markup, markup, table } from "./_html.ts";
import { titleHtml, unwanted } from "./_run_html.ts";
import type { LossRecord, QueueRecord } from "./monitor_records.ts";

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
