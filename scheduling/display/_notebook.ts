/** Shows a run in a notebook: one output of the cell, updated in place. @module */

import { callAfter, setImmediate, userTimers } from "../_base/time.ts";
import type { Call } from "../executor.ts";
import { progressHtml, totalHtml } from "./_progress_html.ts";
import { framed } from "./_html.ts";
import type { MimeBundle } from "../_base/inspect.ts";
import { MAX_LINES, OutputByTask } from "./_output_by_task.ts";
import { ProgressWatch } from "./_progress_watch.ts";
import type { DisplayedScheduler, RunDisplay } from "./_run_display.ts";
import { overviewHtml, treeHtml } from "./_to_html.ts";

/** `Deno.jupyter`, as far as it is used here. */
export interface Jupyter {
  display(
    bundle: MimeBundle,
    options: { raw: true; display_id: string; update: boolean },
  ): Promise<void>;
}

// A notebook keeps up with more, but each update replaces what a reader looks at.
const MIN_INTERVAL = 500;
// What changes should fit into a window.
const FEW_LINES = 5;

/** Options of a display in a notebook. */
export interface NotebookOptions {
  /** Milliseconds between updates, at least 500. */
  readonly interval?: number | undefined;
  /** How many calls will end. */
  readonly total?: number | undefined;
}

/** Whether this program runs in the kernel of a notebook. */
export function isNotebook(): boolean {
  return jupyter() !== undefined;
}

/** Shows a run in the output of the cell that started it. */
export class NotebookDisplay implements RunDisplay {
  readonly #scheduler: DisplayedScheduler;
  readonly #kernel: Jupyter | undefined;
  readonly #interval: number;
  readonly #total: number | undefined;
  readonly #output = new OutputByTask();
  readonly #id: string = crypto.randomUUID();
  #progress: ProgressWatch | undefined;
  #sending: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};
  #settledBefore = 0;
  #sentBefore = false;
  #ended = false;

  /** `interval` in milliseconds; `total` is how many calls will end. */
  constructor(
    scheduler: DisplayedScheduler,
    { interval = MIN_INTERVAL, total }: NotebookOptions = {},
    kernel: Jupyter | undefined = jupyter(),
  ) {
    this.#scheduler = scheduler;
    this.#interval = Math.max(interval, MIN_INTERVAL);
    this.#total = total;
    this.#kernel = kernel;
  }

  begin(): void {
    this.#progress = new ProgressWatch(this.#scheduler);
    this.#settledBefore = this.#settled();
    this.#update();
  }

  printed(text: string, stream: "stdout" | "stderr", call: Call | undefined): void {
    this.#output.add(text, stream, call);
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#cancel();
    await this.#sending;
    await this.#send();
    // In the same turn, the kernel may report the end of the cell first, and what comes after that is lost.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#progress?.[Symbol.dispose]();
  }

  #update(): void {
    this.#sending = this.#send();
    this.#sending.then(() => {
      // The next one waits for this one, so a slow kernel gets fewer.
      if (!this.#ended) {
        this.#cancel = callAfter(this.#interval, () => this.#update(), userTimers());
      }
    });
  }

  // A display never fails a run, whatever the kernel or an object of the user throws.
  async #send(): Promise<void> {
    try {
      const options = { raw: true, display_id: this.#id, update: this.#sentBefore } as const;
      await this.#kernel?.display(this.#bundle(), options);
      this.#sentBefore = true;
    } catch {
      // The next update may succeed.
    }
  }

  // Counts go on from run to run.
  #settled(): number {
    const { "future-done": done, "future-cancelled": cancelled } = this.#scheduler.eventCounts;
    return done + cancelled;
  }

  #bundle(): MimeBundle {
    const statistics = this.#scheduler.statistics();
    const html = framed(
      this.#total && totalHtml(statistics, this.#settled() - this.#settledBefore, this.#total),
      overviewHtml(statistics, (future) => progressHtml(this.#progress?.progressOf(future))),
      this.#output.html(this.#ended ? MAX_LINES : FEW_LINES),
      // An update would fold what a reader has unfolded.
      this.#ended ? treeHtml(statistics) : undefined,
    );
    return { "text/html": html, "text/plain": this.#scheduler.toString() };
  }
}

function jupyter(): Jupyter | undefined {
  try {
    return (Deno as unknown as { readonly jupyter?: Jupyter }).jupyter;
  } catch {
    // Deno throws outside of its kernel.
    return undefined;
  }
}
