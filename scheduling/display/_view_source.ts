/** Views of a run while it is under way. @module */

import { now } from "../_base/time.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { CallArgs } from "./_call_args.ts";
import { ProgressWatch } from "./_progress_watch.ts";
import type { DisplayedScheduler } from "./_run_display.ts";
import { type RunView, RunViews } from "./_run_view.ts";

/** Watches the run of a scheduler until it is disposed of. */
export class ViewSource implements Disposable {
  readonly #scheduler: DisplayedScheduler;
  readonly #total: number | undefined;
  readonly #progress: ProgressWatch;
  readonly #args: CallArgs;
  readonly #views: RunViews;

  constructor(
    scheduler: DisplayedScheduler,
    before: SchedulerStatistics,
    total: number | undefined,
  ) {
    this.#scheduler = scheduler;
    this.#total = total;
    this.#progress = new ProgressWatch(scheduler);
    this.#args = new CallArgs(scheduler.queue);
    this.#views = new RunViews(before, {
      argsOf: (future) => this.#args.of(future),
      progressOf: (future) => this.#progress.progressOf(future),
    });
  }

  /** The run as it is now. */
  view(): RunView {
    const statistics = this.#scheduler.statistics();
    this.#args.update(statistics.workers.flatMap(({ call }) => call ? [call.future] : []));
    return this.#views.of(statistics, this.#total, now());
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
  }
}
