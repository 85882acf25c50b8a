/** How close a run with tasks of mixed durations comes to the ideal one. @module */

import type { Scheduler } from "@amltk/scheduling";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { greedyMakespan } from "../greedy.ts";
import type { Experiment } from "../model.ts";
import { WORKERS } from "../pool.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmProcesses, inWarmRun } from "../warm_scheduler.ts";

const SEED = 16;
const SHORTEST_MS = 0.1;
const LONGEST_MS = 50;

/** On workers. */
export function makespanOfWorkers({ mixedTasks: count }: Sizes): Experiment {
  return experiment(count, "workers", inWarmRun);
}

/** On processes. */
export function makespanOfProcesses({ mixedTasks: count }: Sizes): Experiment {
  return experiment(count, "processes", inWarmProcesses);
}

function experiment(
  count: number,
  where: string,
  inRun: (measure: (scheduler: Scheduler) => Promise<number>) => Promise<number>,
): Experiment {
  const name = `makespan of ${count} tasks of ${SHORTEST_MS} to ${LONGEST_MS} ms, ${where}`;
  const durations = mixedDurations(count);
  return {
    name,
    unit: "× ideal",
    contenders: [
      { name: "scheduler", measure: () => inRun((scheduler) => makespan(scheduler, durations)) },
    ],
    rows: [{ name, of: "scheduler", target: { atMost: 1.1 } }],
  };
}

/** As many durations of each magnitude, in an order that the seed determines. */
function mixedDurations(count: number): number[] {
  const random = xoroshiro128plus(SEED);
  const range = LONGEST_MS / SHORTEST_MS;
  return Array.from({ length: count }, () => SHORTEST_MS * range ** uniformFloat64(random));
}

/**
 * Submits all tasks at once, and divides the time until the last one has ended by that of an ideal run. This
 * one has the durations that the workers measured, so that tasks that the system interrupts count alike.
 */
async function makespan(scheduler: Scheduler, durations: readonly number[]): Promise<number> {
  const task = scheduler.task(compute);
  await Promise.all(Array.from({ length: WORKERS }, () => task.submit(SHORTEST_MS)));
  const since = performance.now();
  const taken = await Promise.all(durations.map((ms) => task.submit(ms)));
  const elapsed = performance.now() - since;
  if (taken.some((ms, index) => !(ms >= (durations[index] ?? NaN)))) {
    throw new Error("A task took less time than it should");
  }
  return elapsed / greedyMakespan(taken, WORKERS);
}

/** Computes for so many milliseconds, and returns how many it took. */
function compute(ms: number): number {
  const since = performance.now();
  let taken = 0;
  while (taken < ms) taken = performance.now() - since;
  return taken;
}
