/** Many trivial tasks at once: the scheduler, the bases and the peers. @module */

import type { Scheduler, WebWorkerExecutorOptions } from "@amltk/scheduling";
import { ComlinkPool } from "../base/comlink_pool.ts";
import { RawPool } from "../base/raw_pool.ts";
import { check, rate, sumBelow } from "../checks.ts";
import type { Contender, Experiment } from "../model.ts";
import { PEERS } from "../peers/mod.ts";
import { type Pool, type StartPool, WORKERS } from "../pool.ts";
import type { Sizes } from "../sizes.ts";
import { submitAll } from "../submit_all.ts";
import { inWarmRun } from "../warm_scheduler.ts";

/** Submits all tasks at once. The clock stops after the callback of the last one. */
export function fanOut({ fanOut: count, warmUp }: Sizes): Experiment {
  const name = `fan-out of ${count} tasks`;
  return {
    name,
    unit: "ops/s",
    contenders: ourAndBases(count, warmUp),
    rows: [
      { name, of: "scheduler", over: ["comlink pool"], target: { atLeast: 12 } },
      { name, of: "scheduler", over: ["raw pool"], target: { atLeast: 5 } },
    ],
  };
}

/** The same with fewer tasks, because some peers are slow. */
export function fanOutOfPeers({ peerFanOut: count, warmUp }: Sizes): Experiment {
  const name = `fan-out of ${count} tasks`;
  const peers = onPeers(PEERS, count, warmUp);
  return {
    name,
    unit: "ops/s",
    contenders: [...ourAndBases(count, warmUp), ...peers],
    rows: [
      {
        name: `${name}, best peer`,
        of: "scheduler",
        over: Object.keys(PEERS),
        target: { atLeast: 8 },
      },
      ...["comlink pool", "raw pool", ...Object.keys(PEERS)].map((base) => ({
        name,
        of: "scheduler",
        over: [base],
      })),
    ],
  };
}

function ourAndBases(count: number, warmUp: number): Contender[] {
  return [
    { name: "scheduler", measure: () => fanOutRate(count, warmUp) },
    { name: "comlink pool", measure: () => onPool(ComlinkPool.start, count, warmUp) },
    { name: "raw pool", measure: () => onPool(RawPool.start, count, warmUp) },
  ];
}

/** Tasks in a second, by the scheduler. */
export function fanOutRate(
  count: number,
  warmUp: number,
  workers?: WebWorkerExecutorOptions,
): Promise<number> {
  return inWarmRun((scheduler) => fanOutOn(scheduler, count, warmUp), undefined, workers);
}

/** Tasks in a second, by a scheduler whose workers are ready. */
export async function fanOutOn(
  scheduler: Scheduler,
  count: number,
  warmUp: number,
): Promise<number> {
  const task = scheduler.task((n: number) => n);
  await submitAll(task, warmUp);
  const since = performance.now();
  const sum = await submitAll(task, count);
  const result = rate(count, since);
  check(sum, sumBelow(count));
  return result;
}

/** Tasks in a second, by each peer. */
export function onPeers(
  peers: Readonly<Record<string, StartPool>>,
  count: number,
  warmUp: number,
): Contender[] {
  return Object.entries(peers).map(([name, start]) => ({
    name,
    measure: () => onPool(start, count, warmUp),
    mayFail: true,
  }));
}

async function onPool(start: StartPool, count: number, warmUp: number): Promise<number> {
  const pool = await start(WORKERS);
  try {
    await runAll(pool, warmUp);
    const since = performance.now();
    const sum = await runAll(pool, count);
    const result = rate(count, since);
    check(sum, sumBelow(count));
    return result;
  } finally {
    await pool.close();
  }
}

async function runAll(pool: Pool, count: number): Promise<number> {
  let sum = 0;
  const add = (n: number) => {
    sum += n;
  };
  await Promise.all(Array.from({ length: count }, (_, n) => pool.run(n).then(add)));
  return sum;
}
