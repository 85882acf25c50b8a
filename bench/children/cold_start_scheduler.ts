/** The time from the start of a process to the first result of a scheduler. @module */

import { printNumber } from "./print_number.ts";

const since = performance.now();
const { coldStart } = await import("../cold_start/scheduler.ts");
await coldStart(() => printNumber(performance.now() - since));
