/**
 * Charts of what a `QueueMonitor` has recorded. A module of its own, because it loads a library for
 * charts.
 *
 * @example A picture of a run
 * ```ts
 * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { toSVG } from "@amltk/scheduling/plots";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const monitor = new QueueMonitor(scheduler);
 * scheduler.onStart(() => {
 *   scheduler.submit(() => "done");
 * });
 * await scheduler.run();
 * const svg = toSVG(monitor); // for a file: await Deno.writeTextFile("run.svg", svg)
 * assertStringIncludes(svg, "1 finished, 0 failed, 0 cancelled");
 * ```
 *
 * @module
 */

import { checkFinite, ownOptions, show } from "../../_base/check.ts";
import { QueueMonitor } from "../queue_monitor.ts";
import { picture } from "./_picture.ts";

/**
 * Options of {@linkcode toSVG}.
 *
 * @example Means over seconds
 * ```ts
 * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { type PlotOptions, toSVG } from "@amltk/scheduling/plots";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const options: PlotOptions = { interval: 1000, title: "Nightly search" };
 * const monitor = new QueueMonitor(Scheduler.withSequential());
 * assertStringIncludes(toSVG(monitor, options), "Nightly search");
 * ```
 */
export interface PlotOptions {
  /**
   * Draws the queue as means over this many milliseconds. By default it is drawn as recorded, with every
   * peak.
   */
  interval?: number | undefined;
  /** How many pixels wide the picture is, from 320 to 10,000. @default {960} */
  width?: number | undefined;
  /** How many pixels high it is, from 320 to 10,000. @default {as many as the workers need} */
  height?: number | undefined;
  /** The heading. @default {"Queue and workers"} */
  title?: string | undefined;
}

const LEAST = 320;
const MOST = 10_000;
const OPTIONS = ["interval", "width", "height", "title"];

/**
 * Draws two charts over one axis of time: how many calls were running and queued, stacked with the number
 * of idle workers; and a row for each worker with a bar for each call. Above them it says in words what
 * the run came to.
 *
 * The outcome of a call is shown by colour and pattern. A bold line marks the start of a further attempt,
 * a cross the loss of a worker. Calls that are too short for a pixel are merged; their bar is as high as
 * the share of time in which they ran. If the executor does not number its workers, calls lie where there
 * is room. Details are in the tooltips of the bars.
 *
 * The picture follows the light or dark mode of the page that shows it. It loads nothing, and has a bounded
 * size.
 *
 * @param monitor What was recorded; call `monitor.update()` first during a run.
 * @param options Interval, size and heading.
 * @returns the text of an SVG file.
 * @throws {RangeError} when a number is out of range.
 * @throws {TypeError} when it is not a monitor, or an option is unknown or of the wrong type.
 *
 * @example Draw a run
 * ```ts
 * import { QueueMonitor, Scheduler } from "@amltk/scheduling";
 * import { toSVG } from "@amltk/scheduling/plots";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const monitor = new QueueMonitor(scheduler);
 * const square = scheduler.task((n: number) => n ** 2, { name: "square" });
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 3]) square.submit(n);
 * });
 * await scheduler.run();
 *
 * const svg = toSVG(monitor);
 * assertStringIncludes(svg, "3 finished, 0 failed, 0 cancelled");
 * ```
 */
export function toSVG(monitor: QueueMonitor, options: PlotOptions = {}): string {
  if (!(monitor instanceof QueueMonitor)) {
    throw new TypeError(`toSVG() takes a QueueMonitor, not ${show(monitor)}`);
  }
  const { interval, width = 960, height, title = "Queue and workers" } = ownOptions(
    "toSVG()",
    options,
    OPTIONS,
  );
  if (interval !== undefined) checkInterval(interval);
  checkSize("width", width);
  if (height !== undefined) checkSize("height", height);
  if (typeof title !== "string") throw new TypeError(`title must be a string, not ${show(title)}`);
  const { records, calls, losses } = monitor;
  return picture({ records, calls, losses }, { interval, width, height, title });
}

function checkInterval(interval: number): void {
  checkFinite("interval", interval);
  if (interval <= 0) {
    throw new RangeError(`interval must be more than 0 milliseconds, not ${interval}`);
  }
}

function checkSize(name: string, size: number): void {
  checkFinite(name, size);
  if (size < LEAST || size > MOST) {
    throw new RangeError(`${name} must be from ${LEAST} to ${MOST} pixels, not ${size}`);
  }
}
