/** From a process that has loaded nothing to the first result, by a bare comlink worker. @module */

import { printNumber } from "./print_number.ts";

const since = performance.now();
const { coldStart } = await import("../cold_start/comlink.ts");
await coldStart(() => printNumber(performance.now() - since));
