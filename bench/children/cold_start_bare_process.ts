/** The time from the start of this program to the first answer of a process with nothing but a pipe. @module */

import { printTime } from "./cold_start_clock.ts";

const since = performance.now();
const { coldStart } = await import("../cold_start/process.ts");
await coldStart(printTime(since));
