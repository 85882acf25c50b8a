/** How close a run with tasks of mixed durations comes to the ideal one. @module */

import type { Scheduler } from "@amltk/scheduling";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { compute } from "../base/compute.ts";
import { RawPool } from "../base/raw_pool.ts";
import { greedyMakespan } from "../greedy.ts";
import type { Experiment } from "../model.ts";
import { WORKERS } from "../pool.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmProcesses, inWarmRun } from "../warm_scheduler.ts";

const SEED = 16;
const SHORTEST_MS = 0.1;
const LONGEST_MS = 50;
// Enough for the engine to optimize the code of the main thread, which handles few calls a second here.
const WARM_UPS = 2;

/** Runs tasks of these durations, submitted at once; returns how long each took. */
type RunAll = (durations: readonly number[]) => Promise<readonly number[]>;

/** On workers and processes, and on bare workers to see what the machine allows. */
export function makespan({ mixedTasks: count }: Sizes): Experiment {
  const name = `makespan of ${count} tasks of ${SHORTEST_MS} to ${LONGEST_MS} ms`;
  const durations = mixedDurations(count);
  const target = { atMost: 1.1 };
  return {
    name,
    unit: "× ideal",
    contenders: [
      { name: "workers", measure: () => inWarmRun((s) => onScheduler(s, durations)) },
      { name: "processes", measure: () => inWarmProcesses((s) => onScheduler(s, durations)) },
      { name: "raw pool", measure: () => onRawPool(durations) },
    ],
    rows: [
      { name: `${name}, workers`, of: "workers", target },
      { name: `${name}, processes`, of: "processes", target },
      { name: `${name}, raw pool`, of: "raw pool" },
    ],
  };
}

/** As many durations of each magnitude, in an order that the seed determines. */
function mixedDurations(count: number): number[] {
  const random = xoroshiro128plus(SEED);
  const range = LONGEST_MS / SHORTEST_MS;
  return Array.from({ length: count }, () => SHORTEST_MS * range ** uniformFloat64(random));
}

function onScheduler(scheduler: Scheduler, durations: readonly number[]): Promise<number> {
  const task = scheduler.task(compute);
  return relativeMakespan(durations, (all) => Promise.all(all.map((ms) => task.submit(ms))));
}

async function onRawPool(durations: readonly number[]): Promise<number> {
  const pool = await RawPool.startComputing(WORKERS);
  const result = await relativeMakespan(
    durations,
    (all) => Promise.all(all.map((ms) => pool.run(ms))),
  );
  pool.close();
  return result;
}

/**
 * The time of a run divided by that of an ideal one. This one has the durations that the workers measured, so
 * that tasks which the system interrupts count alike.
 */
async function relativeMakespan(durations: readonly number[], run: RunAll): Promise<number> {
  for (let n = 0; n < WARM_UPS; n++) await run(durations);
  const since = performance.now();
  const taken = await run(durations);
  const elapsed = performance.now() - since;
  if (durations.some((ms, index) => !((taken[index] ?? NaN) >= ms))) {
    throw new Error("A task took less time than it should");
  }
  return elapsed / greedyMakespan(taken, WORKERS);
}
