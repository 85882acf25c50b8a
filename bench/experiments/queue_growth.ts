/** The cost of submitting and settling with a long queue. @module */

import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

/** Long queues compared with a short one; `children/queue_growth.ts` says how they are measured. */
export function queueGrowth({ queueLengths, settledBesideQueue: count }: Sizes): Experiment {
  const [short, ...longer] = queueLengths;
  return {
    name: "submit and settle beside a queue",
    unit: "µs",
    contenders: queueLengths.map((length) => ({
      name: nameOf(length),
      measure: () => runChild("queue_growth", [length, count].map(String)),
    })),
    rows: longer.map((length) => ({
      name: `submit and settle, ${nameOf(length)}`,
      of: nameOf(length),
      over: [nameOf(short)],
      target: { atMost: 1.3 },
    })),
  };
}

function nameOf(length: number): string {
  return `queue of ${length}`;
}
