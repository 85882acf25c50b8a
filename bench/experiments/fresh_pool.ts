/** Many trivial tasks in a pool that has just started. @module */

import type { Experiment, Target } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

type Targets = Readonly<Record<"flooded comlink" | "flooded messages", Target>>;

/** In a program that has fanned out in other pools. */
export function fanOutOfFreshPool(sizes: Sizes): Experiment {
  return experiment("fresh pool", sizes, sizes.freshPools, {
    "flooded comlink": { atLeast: 10 },
    "flooded messages": { atLeast: 4 },
  });
}

/** In a program that fans out once. */
export function fanOutOfFreshProgram(sizes: Sizes): Experiment {
  return experiment("fresh program", sizes, 1);
}

function experiment(
  where: string,
  { freshFanOut: count }: Sizes,
  rounds: number,
  targets?: Targets,
): Experiment {
  const name = `fan-out of ${count} tasks, ${where}`;
  const inProgram = (child: string) => () => runChild(child, [`${count}`, `${rounds}`]);
  return {
    name,
    unit: "ops/s",
    rounds: 7,
    contenders: [
      { name: "scheduler", measure: inProgram("fresh_scheduler") },
      { name: "flooded comlink", measure: inProgram("fresh_comlink") },
      { name: "flooded messages", measure: inProgram("fresh_messages") },
    ],
    rows: (["flooded comlink", "flooded messages"] as const).map((base) => ({
      name,
      of: "scheduler",
      over: [base],
      ...targets && { target: targets[base] },
    })),
  };
}
