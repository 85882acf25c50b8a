/**
 * The option `display` of a run.
 *
 * @module
 */

import { checkCount, isObject, ownOptions, show } from "./_base/check.ts";

/**
 * Where a display writes, such as `Deno.stderr`.
 *
 * @example Keep the lines of a display
 * ```ts
 * import { type DisplayStream, Scheduler } from "@amltk/scheduling";
 * import { assertMatch } from "@std/assert";
 *
 * let text = "";
 * const stream: DisplayStream = {
 *   writeSync(bytes) {
 *     text += new TextDecoder().decode(bytes);
 *     return bytes.length;
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => 1);
 * });
 * await scheduler.run({ display: { stream, total: 1 } });
 * assertMatch(text, /1 of 1 done/);
 * ```
 *
 * @category Scheduler
 */
export interface DisplayStream {
  /**
   * Writes bytes.
   *
   * @param bytes The bytes.
   * @returns how many of them were written; the others are written by further calls.
   */
  writeSync(bytes: Uint8Array): number;
  /**
   * Whether it is a terminal. Without this method it counts as none.
   *
   * @returns true for a terminal, on which the display is redrawn in place.
   */
  isTerminal?(): boolean;
}

/**
 * Options of the display of a run.
 *
 * @example Show when a hundred calls will be done
 * ```ts
 * import { type DisplayOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const display: DisplayOptions = { total: 100 };
 * const scheduler = Scheduler.withWorkers(2);
 * const task = scheduler.task((n: number) => n * n);
 * scheduler.onStart(() => {
 *   for (let n = 0; n < 100; n++) task.submit(n);
 * });
 * assertEquals((await scheduler.run({ display })).code, "exhausted");
 * ```
 *
 * @category Scheduler
 */
export interface DisplayOptions {
  /** Where it is written. @default {Deno.stderr, in a notebook the output of the cell} */
  stream?: DisplayStream | undefined;
  /**
   * Milliseconds between two redraws, or between two lines where the stream is no terminal; 100 or more.
   * A notebook redraws at most twice a second.
   * They are measured by the global `setTimeout()` of the time of `run()`.
   *
   * @default {100 on a terminal, 500 in a notebook, otherwise 5000}
   */
  interval?: number | undefined;
  /**
   * How many calls the run will end, cancelled ones included: for percentage and remaining time. The
   * latter supposes that calls go on ending as often as in the last ten seconds, or as in the whole run
   * if fewer than ten ended in these. If more calls end, it is shown no longer.
   *
   * @default {unknown}
   */
  total?: number | undefined;
}

/** Options of a display that were checked. */
export type DisplaySettings = Readonly<DisplayOptions>;

const SHORTEST_INTERVAL = 100;

/** Checks the option; undefined if nothing is displayed. */
export function displaySettings(display: unknown): DisplaySettings | undefined {
  if (display === false) return undefined;
  if (display === true) return {};
  if (!isObject(display) || typeof display === "function") {
    throw new TypeError(`display must be true, false or options, not ${show(display)}`);
  }
  const settings: DisplayOptions = ownOptions("display", display, ["stream", "interval", "total"]);
  if (settings.stream !== undefined) checkStream(settings.stream);
  if (settings.interval !== undefined) checkInterval(settings.interval);
  if (settings.total !== undefined) checkCount("total", settings.total);
  return settings;
}

function checkStream(stream: DisplayStream): void {
  const { writeSync, isTerminal } = isObject(stream) ? stream : {};
  const isWritable = typeof writeSync === "function";
  if (isWritable && (isTerminal === undefined || typeof isTerminal === "function")) return;
  const fault = isWritable ? "isTerminal must be a function" : "it has no writeSync()";
  throw new TypeError(
    `stream must be a stream such as Deno.stderr, not ${show(stream)}: ${fault}`,
  );
}

function checkInterval(interval: unknown): void {
  if (typeof interval !== "number") {
    throw new TypeError(`interval must be a number, not ${show(interval)}`);
  }
  if (!(interval >= SHORTEST_INTERVAL)) {
    throw new RangeError(
      `interval must be ${SHORTEST_INTERVAL} or more milliseconds, not ${interval}`,
    );
  }
}
