/** Messages a second to workers that have answered one each, all sent at once, to each in turn. @module */

import { startRawWorker } from "../base/raw_pool.ts";
import { check, rate, sumBelow, sumOf } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { printNumber } from "./print_number.ts";

const count = Number(Deno.args[0]);
const starts = Array.from({ length: WORKERS }, () => startRawWorker("./raw_worker.ts"));
const workers = await Promise.all(starts);
await flood(WORKERS);
const since = performance.now();
const sum = await flood(count);
const perSecond = rate(count, since);
check(sum, sumBelow(count));
printNumber(perSecond);
for (const worker of workers) worker.terminate();

/** Resolves to the sum of all answers. */
function flood(count: number): Promise<number> {
  return sumOf(count, (add) => {
    for (const worker of workers) worker.onmessage = ({ data }) => add(data);
    for (let n = 0; n < count; n++) workers[n % WORKERS]?.postMessage(n);
  });
}
