/** The display of a run on a stream: a frame redrawn in place on a terminal, plain lines elsewhere. @module */

import { type OutputStream, print, untilPrinted } from "../_base/printer.ts";
import { callAfter, type Timers, userTimers } from "../_base/time.ts";
import type { DisplaySettings, DisplayStream } from "../display_options.ts";
import type { Call } from "../executor.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { CapturedLines, type PrintedLines } from "./_captured_lines.ts";
import { frame } from "./_frame.ts";
import { plainLine } from "./_plain_line.ts";
import { writeAll } from "./_printing.ts";
import type { DisplayedScheduler, RunDisplay } from "./_run_display.ts";
import { screenOn } from "./_screen.ts";
import { ViewSource } from "./_view_source.ts";

const FRAME_MS = 100;
const LINE_MS = 5000;

/** Where views of a run are shown. */
interface Sink {
  open(source: ViewSource): void;
  show(source: ViewSource): void;
  close(source: ViewSource): void;
}

/**
 * The display of a run.
 *
 * @param before The statistics before the run.
 */
export function liveDisplay(
  scheduler: DisplayedScheduler,
  settings: DisplaySettings,
  before: SchedulerStatistics,
): RunDisplay {
  const { stream = Deno.stderr, total } = settings;
  // First, because a stream of the user may throw.
  const isTerminal = stream.isTerminal?.() ?? false;
  const source = new ViewSource(scheduler, before, total);
  const { interval = isTerminal ? FRAME_MS : LINE_MS } = settings;
  return new LiveDisplay(source, isTerminal ? frames(stream) : lines(stream), interval);
}

/** Frames at the bottom of a terminal. */
function frames(stream: DisplayStream): Sink {
  const pane = {};
  const screen = screenOn(stream, pane);
  const frameOf = (source: ViewSource) => frame(source.view(), screen.room());
  const show = (source: ViewSource) => screen.show(pane, frameOf(source));
  return {
    open: show,
    show,
    close(source) {
      let last: readonly string[] = [];
      try {
        last = frameOf(source);
      } finally {
        screen.close(pane, last);
      }
    },
  };
}

/** Lines one after the other. */
function lines(stream: DisplayStream): Sink {
  const show = (source: ViewSource) => {
    writeAll(stream, new TextEncoder().encode(`${plainLine(source.view())}\n`));
  };
  return { open() {}, show, close: show };
}

class LiveDisplay implements RunDisplay {
  readonly #source: ViewSource;
  readonly #sink: Sink;
  readonly #interval: number;
  readonly #timers: Timers = userTimers();
  readonly #captured = new CapturedLines();
  #cancel: () => void = () => {};

  constructor(source: ViewSource, sink: Sink, interval: number) {
    this.#source = source;
    this.#sink = sink;
    this.#interval = interval;
  }

  begin(): void {
    this.#attempt(() => this.#sink.open(this.#source));
  }

  printed(text: string, stream: OutputStream, call: Call | undefined): void {
    // A file or a program gets what it gets without a display.
    if (!Deno[stream].isTerminal()) return this.#print({ text, stream });
    this.#print(this.#captured.add(text, stream, call));
  }

  async end(): Promise<void> {
    this.#cancel();
    for (const lines of this.#captured.take(true)) this.#print(lines);
    await untilPrinted();
    using source = this.#source;
    this.#sink.close(source);
  }

  #tick(): void {
    for (const lines of this.#captured.take()) this.#print(lines);
    this.#sink.show(this.#source);
  }

  // A display never fails a run.
  #attempt(show: () => void): void {
    try {
      show();
    } catch {
      // It may succeed the next time.
    }
    this.#cancel = callAfter(this.#interval, () => this.#attempt(() => this.#tick()), this.#timers);
  }

  #print({ text, stream }: PrintedLines): void {
    if (text !== "") print(text, stream);
  }
}
