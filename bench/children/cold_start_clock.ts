/** The clock of the programs that measure a cold start. @module */

import type { ColdStartListener } from "../cold_start/listener.ts";
import { printNumber } from "./print_number.ts";

/**
 * Prints the milliseconds to the first result: from `since`, or, if the program has the argument `loaded`,
 * from when all is loaded and made.
 */
export function printTime(since: number): ColdStartListener {
  let start = since;
  return {
    began: () => {
      if (Deno.args[0] === "loaded") start = performance.now();
    },
    arrived: () => printNumber(performance.now() - start),
  };
}
