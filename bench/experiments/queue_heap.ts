/** The memory of a queued task. @module */

import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

/** Bytes of heap per queued task; `children/queue_heap.ts` says how they are measured. */
export function queueHeap({ queued }: Sizes): Experiment {
  const name = `heap for each of ${queued} queued tasks`;
  const measure = () => runChild("queue_heap", [String(queued)]);
  return {
    name,
    unit: "bytes",
    contenders: [{ name: "scheduler", measure }],
    rows: [{ name, of: "scheduler", target: { atMost: 300 } }],
  };
}
