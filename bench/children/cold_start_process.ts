/** The time from the start of this program to the first result of a process of a scheduler. @module */

import { printTime } from "./cold_start_clock.ts";

const since = performance.now();
const { coldStartOfProcess } = await import("../cold_start/scheduler.ts");
await coldStartOfProcess(printTime(since));
