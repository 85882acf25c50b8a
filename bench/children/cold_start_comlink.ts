/** The time from the start of a process to the first result of a comlink worker. @module */

import { printNumber } from "./print_number.ts";

const since = performance.now();
const { coldStart } = await import("../cold_start/comlink.ts");
await coldStart(() => printNumber(performance.now() - since));
