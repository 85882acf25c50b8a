/** A loop over the results of trivial tasks, against a plain fan-out. @module */

import { check, rate, sumBelow } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import type { Numbers } from "../submit_all.ts";
import { inWarmRun } from "../warm_scheduler.ts";
import { fanOutRate } from "./fan_out.ts";

/** `task.map()` takes the items as its results are read; a fan-out submits them at once. */
export function map({ fanOut: count, warmUp }: Sizes): Experiment {
  const name = `map over ${count} items`;
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "map", measure: () => mapRate(count, warmUp) },
      { name: "fan-out", measure: () => fanOutRate(count, warmUp) },
    ],
    rows: [{ name, of: "map", over: ["fan-out"], target: { atLeast: 0.5 } }],
  };
}

function mapRate(count: number, warmUp: number): Promise<number> {
  return inWarmRun(async (scheduler) => {
    const task = scheduler.task((n: number) => n);
    await mapAll(task, warmUp);
    const since = performance.now();
    const sum = await mapAll(task, count);
    const result = rate(count, since);
    check(sum, sumBelow(count));
    return result;
  });
}

/** The sum of all results. */
async function mapAll(task: Numbers, count: number): Promise<number> {
  let sum = 0;
  for await (const n of task.map(numbersBelow(count))) sum += n;
  return sum;
}

function* numbersBelow(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}
