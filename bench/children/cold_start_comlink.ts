/** The time from the start of this program to the first result of a comlink worker. @module */

import { printTime } from "./cold_start_clock.ts";

const since = performance.now();
const { coldStart } = await import("../cold_start/comlink.ts");
await coldStart(printTime(since));
