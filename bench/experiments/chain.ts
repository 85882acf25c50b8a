/** A chain of tasks, each submitted by the callback of the previous one. @module */

import type { Scheduler } from "@amltk/scheduling";
import { startRemote } from "../base/comlink_remote.ts";
import { check, microsecondsEach } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";

/** The time per task of a chain, compared with a round trip to a bare comlink worker. */
export function chain({ chain: count, roundTripWarmUp: warmUp }: Sizes): Experiment {
  const name = `chain of ${count} tasks`;
  return {
    name,
    unit: "µs",
    // The target is close to 1, so more rounds than elsewhere average out the noise.
    rounds: 11,
    contenders: [
      { name: "scheduler", measure: () => inWarmRun((s) => chainOn(s, count, warmUp)) },
      { name: "comlink round trip", measure: () => onRemote(count, warmUp) },
    ],
    rows: [{ name, of: "scheduler", over: ["comlink round trip"], target: { atMost: 1.15 } }],
  };
}

/** The time per task of a chain, by a scheduler whose workers are ready. */
export function chainOn(scheduler: Scheduler, count: number, warmUp: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const task = scheduler.task((n: number) => n);
  let since = 0;
  task.onResult((_future, n) => {
    if (n === warmUp) since = performance.now();
    if (n < warmUp + count) return void task.submit(n + 1);
    const each = microsecondsEach(count, since);
    check(task.submissionCount, warmUp + count + 1);
    resolve(each);
  });
  task.submit(0);
  return promise;
}

async function onRemote(count: number, warmUp: number): Promise<number> {
  const { worker, same } = await startRemote();
  let last = 0;
  while (last < warmUp) last = await same(last + 1);
  const since = performance.now();
  while (last < warmUp + count) last = await same(last + 1);
  const each = microsecondsEach(count, since);
  check(last, warmUp + count);
  worker.terminate();
  return each;
}
