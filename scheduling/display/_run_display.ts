/** What a display of a run does. @module */

import type { OutputStream } from "../_base/printer.ts";
import type { Call } from "../executor.ts";
import type { AnyTask, Future } from "../future.ts";
import type { Emitter } from "../emitter.ts";
import type { SchedulerEvents } from "../scheduler_events.ts";
import type { SchedulerStatistics } from "../statistics.ts";

/** Shows one run while it is under way. */
export interface RunDisplay {
  /** Begins to show the run: before `start`, or as soon as the display is loaded. */
  begin(): void;
  /** Shows text that a call printed; `call` is undefined for text printed between calls. */
  printed(text: string, stream: OutputStream, call: Call | undefined): void;
  /** Shows how the run ended, after `finished`. The run settles when the promise does. */
  end(): void | Promise<void>;
}

/** What displays read of a scheduler. */
export interface DisplayedScheduler extends Emitter<SchedulerEvents> {
  readonly tasks: readonly AnyTask[];
  readonly queue: ReadonlySet<Future>;
  statistics(): SchedulerStatistics;
}
