/** What it costs to look at a scheduler. @module */

import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

/** CPU time of `statistics()` beside a long queue; `children/statistics.ts` says how it is measured. */
export function statistics({ queued, statistics: count }: Sizes): Experiment {
  const name = `statistics() with ${queued} queued tasks`;
  const measure = () => runChild("statistics", [queued, count].map(String));
  return {
    name,
    unit: "ms",
    contenders: [{ name: "scheduler", measure }],
    rows: [{ name, of: "scheduler", target: { atMost: 2 } }],
  };
}

/** CPU time of a redraw beside a long queue; `children/display.ts` says how it is measured. */
export function display({ queued, statistics: count }: Sizes): Experiment {
  const name = `redraw of the display with ${queued} queued tasks`;
  const measure = () => runChild("display", [queued, count].map(String));
  return {
    name,
    unit: "ms",
    contenders: [{ name: "scheduler", measure }],
    rows: [{ name, of: "scheduler", target: { atMost: 2 } }],
  };
}
