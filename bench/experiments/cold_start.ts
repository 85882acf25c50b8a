/** The time from nothing to the first result. @module */

import { delay } from "@std/async/delay";
import { coldStart as startComlink } from "../cold_start/comlink.ts";
import type { ColdStartListener } from "../cold_start/listener.ts";
import { coldStart as startScheduler } from "../cold_start/scheduler.ts";
import type { Experiment, Target } from "../model.ts";
import { ENDS_WITHIN_MS } from "../pool.ts";
import { FOR_PROCESSES, runChild } from "../run_child.ts";

const TARGET = { atMost: 1.15 };

/** In a process that has loaded the package and comlink, but has no worker yet. */
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

/** In a fresh program: loading the package, or comlink, is part of the time. */
export function coldStartOfProgram(): Experiment {
  const name = "cold start, fresh program";
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

/** A process, in a fresh program that has loaded the package or comlink. */
export function coldStartOfProcess(): Experiment {
  return processExperiment("cold start, process", ["loaded"], { atMost: 1.25 });
}

/** A process, in a fresh program: loading is part of the time. */
export function coldStartOfProgramWithProcess(): Experiment {
  return processExperiment("cold start, process, fresh program", []);
}

function processExperiment(name: string, args: readonly string[], target?: Target): Experiment {
  const child = (program: string, permissions?: readonly string[]) => () =>
    runChild(`cold_start_${program}`, args, permissions);
  return {
    name,
    unit: "ms",
    rounds: 11,
    contenders: [
      { name: "process", measure: child("process", FOR_PROCESSES) },
      { name: "comlink worker", measure: child("comlink") },
      { name: "bare process", measure: child("bare_process", FOR_PROCESSES) },
    ],
    rows: [
      { name, of: "process", over: ["comlink worker"], ...target && { target } },
      { name, of: "process", over: ["bare process"] },
    ],
  };
}

async function untilArrived(
  start: (listener: ColdStartListener) => Promise<void>,
): Promise<number> {
  let since = NaN;
  let taken = NaN;
  await start({
    began: () => since = performance.now(),
    arrived: () => taken = performance.now() - since,
  });
  await delay(ENDS_WITHIN_MS);
  return taken;
}
