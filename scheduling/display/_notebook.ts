/** Shows a run in a notebook: one output of the cell, updated in place. @module */

import type { MimeBundle } from "../_base/inspect.ts";
import { callAfter, setImmediate, settlesInGrace, type Timers, userTimers } from "../_base/time.ts";
import type { DisplaySettings } from "../display_options.ts";
import type { OutputStream } from "../_base/printer.ts";
import type { Call } from "../executor.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { framed } from "./_html.ts";
import type { Kernel } from "./_kernel.ts";
import { MAX_LINES, OutputByTask } from "./_output_by_task.ts";
import type { DisplayedScheduler, RunDisplay } from "./_run_display.ts";
import { treeHtml } from "./_to_html.ts";
import { viewHtml } from "./_view_html.ts";
import { ViewSource } from "./_view_source.ts";

// A notebook keeps up with more, but each update replaces what a reader looks at.
const MIN_INTERVAL = 500;
// What changes should fit into a window.
const FEW_LINES = 5;
const KERNEL_MS = 2000;

/** Shows a run in the output of the cell that started it. */
export class NotebookDisplay implements RunDisplay {
  readonly #scheduler: DisplayedScheduler;
  readonly #kernel: Kernel;
  readonly #interval: number;
  readonly #source: ViewSource;
  readonly #output = new OutputByTask();
  readonly #id: string = crypto.randomUUID();
  readonly #timers: Timers = userTimers();
  #sending: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};
  #sentBefore = false;
  #ended = false;

  /** @param before The statistics before the run. */
  constructor(
    scheduler: DisplayedScheduler,
    { interval = MIN_INTERVAL, total }: DisplaySettings,
    before: SchedulerStatistics,
    kernel: Kernel,
  ) {
    this.#scheduler = scheduler;
    this.#kernel = kernel;
    this.#interval = Math.max(interval, MIN_INTERVAL);
    this.#source = new ViewSource(scheduler, before, total);
  }

  begin(): void {
    this.#update();
  }

  printed(text: string, stream: OutputStream, call: Call | undefined): void {
    this.#output.add(text, stream, call);
  }

  async end(): Promise<void> {
    using _source = this.#source;
    this.#ended = true;
    this.#cancel();
    // A kernel that has stopped must not keep the run.
    await settlesInGrace(this.#sending.then(() => this.#send()), KERNEL_MS);
    // In the same turn, the kernel may report the end of the cell first, and what comes after that is lost.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #update(): void {
    this.#sending = this.#send();
    this.#sending.then(() => {
      // The next one waits for this one, so a slow kernel gets fewer.
      if (!this.#ended) {
        this.#cancel = callAfter(this.#interval, () => this.#update(), this.#timers);
      }
    });
  }

  // A display never fails a run, whatever the kernel or an object of the user throws.
  async #send(): Promise<void> {
    try {
      const options = { raw: true, display_id: this.#id, update: this.#sentBefore } as const;
      await this.#kernel.display(this.#bundle(), options);
      this.#sentBefore = true;
    } catch {
      // The next update may succeed.
    }
  }

  #bundle(): MimeBundle {
    const view = this.#source.view();
    const html = framed(
      viewHtml(view),
      this.#output.html(this.#ended ? MAX_LINES : FEW_LINES),
      // An update would fold what a reader has unfolded.
      this.#ended ? treeHtml(view.statistics) : undefined,
    );
    return { "text/html": html, "text/plain": this.#scheduler.toString() };
  }
}
