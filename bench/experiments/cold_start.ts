/** The time from nothing to the first result. @module */

import { delay } from "@std/async/delay";
import { coldStart as startComlink } from "../cold_start/comlink.ts";
import { coldStart as startScheduler } from "../cold_start/scheduler.ts";
import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";

const TARGET = { atMost: 1.15 };
// Nothing tells when the thread of a bare worker has ended; a start beside its end takes longer.
const ENDS_WITHIN_MS = 100;

/** In a process that has loaded the package, or comlink, and has no worker yet. */
export function coldStartOfWorker(): Experiment {
  const name = "cold start, fresh worker";
  return {
    name,
    unit: "ms",
    rounds: 15,
    contenders: [
      { name: "scheduler", measure: () => untilArrived(startScheduler) },
      { name: "comlink worker", measure: () => untilArrived(startComlink) },
    ],
    rows: [{ name, of: "scheduler", over: ["comlink worker"], target: TARGET }],
  };
}

/** In a process that has loaded nothing: to load the package, or comlink, is part of it. */
export function coldStartOfProcess(): Experiment {
  const name = "cold start, fresh process";
  return {
    name,
    unit: "ms",
    rounds: 7,
    contenders: [
      { name: "scheduler", measure: () => runChild("cold_start_scheduler") },
      { name: "comlink worker", measure: () => runChild("cold_start_comlink") },
    ],
    rows: [{ name, of: "scheduler", over: ["comlink worker"], target: TARGET }],
  };
}

async function untilArrived(start: (arrived: () => void) => Promise<void>): Promise<number> {
  const since = performance.now();
  let taken = NaN;
  await start(() => taken = performance.now() - since);
  await delay(ENDS_WITHIN_MS);
  return taken;
}
