/** Many trivial tasks in a program that fans out once. @module */

import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

/** Each in its own program; `children/fresh_*.ts` say how they are measured. */
export function fanOutOfFreshPool({ freshFanOut: count }: Sizes): Experiment {
  const name = `fan-out of ${count} tasks, fresh pool`;
  const atStart = `fan-out of ${count} tasks, starting pool`;
  const inProgram = (child: string, ...args: string[]) => () =>
    runChild(child, [String(count), ...args]);
  return {
    name,
    unit: "ops/s",
    rounds: 11,
    contenders: [
      { name: "scheduler", measure: inProgram("fresh_scheduler", "ready") },
      { name: "scheduler at its start", measure: inProgram("fresh_scheduler") },
      { name: "flooded comlink", measure: inProgram("fresh_comlink") },
      { name: "flooded messages", measure: inProgram("fresh_messages") },
    ],
    rows: [
      { name, of: "scheduler", over: ["flooded comlink"], target: { atLeast: 10 } },
      { name, of: "scheduler", over: ["flooded messages"], target: { atLeast: 4 } },
      { name: atStart, of: "scheduler at its start", over: ["flooded comlink"] },
      { name: atStart, of: "scheduler at its start", over: ["flooded messages"] },
    ],
  };
}
