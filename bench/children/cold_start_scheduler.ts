/**
 * The time to the first result of a scheduler: from the start of this program, or, with the argument
 * `loaded`, from when its modules are loaded.
 *
 * @module
 */

import { printNumber } from "./print_number.ts";

let since = performance.now();
const { coldStart } = await import("../cold_start/scheduler.ts");
if (Deno.args[0] === "loaded") since = performance.now();
await coldStart(() => printNumber(performance.now() - since));
