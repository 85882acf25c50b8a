/** Chooses the display of a run and loads it. @module */

import type { DisplaySettings } from "../display_options.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { kernel } from "./_kernel.ts";
import type { DisplayedScheduler, RunDisplay } from "./_run_display.ts";

/**
 * The output of the cell in a notebook; otherwise, or if `stream` is given, a stream.
 *
 * @param before The statistics before the run.
 */
export async function openDisplay(
  scheduler: DisplayedScheduler,
  settings: DisplaySettings,
  before: SchedulerStatistics,
): Promise<RunDisplay> {
  const notebook = settings.stream === undefined ? kernel() : undefined;
  if (notebook !== undefined) {
    const { NotebookDisplay } = await import("./_notebook.ts");
    return new NotebookDisplay(scheduler, settings, before, notebook);
  }
  const { liveDisplay } = await import("./_live.ts");
  return liveDisplay(scheduler, settings, before);
}
