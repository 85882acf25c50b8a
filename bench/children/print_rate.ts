/** How programs that fan out in fresh pools measure and report. @module */

import { delay } from "@std/async/delay";
import { median } from "../judge.ts";
import { ENDS_WITHIN_MS } from "../pool.ts";
import { printNumber } from "./print_number.ts";

const LAST = 5;

/**
 * Fans out again and again, each time in a fresh pool. The arguments of the program are the number of calls
 * and of fan-outs. Prints the calls a second: the median of the last five fan-outs, by which time the
 * engine has optimized the code of this program.
 */
export async function printRate(fanOut: (count: number) => Promise<number>): Promise<void> {
  const [count = 0, rounds = 0] = Deno.args.map(Number);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    rates.push(await fanOut(count));
    await delay(ENDS_WITHIN_MS);
  }
  printNumber(median(rates.slice(-LAST)) ?? NaN);
}
