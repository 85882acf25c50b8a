/** The features that a consumer uses, by name. Each throws if its outcome is wrong. @module */

import { moduleInProcesses, moduleInWorkers } from "./from_module.ts";
import { journal } from "./journal.ts";
import { limiter } from "./limiter.ts";
import { limits } from "./limits.ts";
import { plots } from "./plots.ts";
import { cappedProcesses, processes } from "./processes.ts";
import { sequential } from "./sequential.ts";
import { shared } from "./shared.ts";
import { signals } from "./signals.ts";
import { sandboxedWorkers, workers } from "./workers.ts";

/** The features. */
export const FEATURES: Readonly<Record<string, () => Promise<void>>> = {
  sequential,
  workers,
  sandboxedWorkers,
  processes,
  cappedProcesses,
  moduleInWorkers,
  moduleInProcesses,
  journal,
  plots,
  limiter,
  limits,
  shared,
  signals,
};
