/** Similar libraries, by the names of their npm packages. @module */

import type { StartPool } from "../pool.ts";
import { startPQueue } from "./p_queue.ts";
import { startPiscina } from "./piscina.ts";
import { startPoolifier, startPoolifierOfProcesses } from "./poolifier.ts";
import { startPoolifierWeb } from "./poolifier_web.ts";
import { startTinypool, startTinypoolOfProcesses } from "./tinypool.ts";
import { startWorkerpool, startWorkerpoolOfProcesses } from "./workerpool.ts";

/** The peers, pinned by the import map. */
export const PEERS: Readonly<Record<string, StartPool>> = {
  "piscina": startPiscina,
  "tinypool": startTinypool,
  "workerpool": startWorkerpool,
  "poolifier": startPoolifier,
  "poolifier-web-worker": startPoolifierWeb,
  "p-queue + comlink": startPQueue,
};

/** Those on child processes. */
export const PEERS_OF_PROCESSES: Readonly<Record<string, StartPool>> = {
  "tinypool, processes": startTinypoolOfProcesses,
  "workerpool, processes": startWorkerpoolOfProcesses,
  "poolifier, processes": startPoolifierOfProcesses,
};
