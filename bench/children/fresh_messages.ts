/** Messages a second to workers that have answered one each, all sent at once, to each in turn. @module */

import { startRawWorker } from "../base/raw_pool.ts";
import { check, rate, sumBelow, sumOf } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { printRate } from "./print_rate.ts";

await printRate(async (count) => {
  const starts = Array.from({ length: WORKERS }, () => startRawWorker("./raw_worker.ts"));
  const workers = await Promise.all(starts);
  await flood(workers, WORKERS);
  const since = performance.now();
  const sum = await flood(workers, count);
  const perSecond = rate(count, since);
  check(sum, sumBelow(count));
  for (const worker of workers) worker.terminate();
  return perSecond;
});

/** Resolves to the sum of all answers. */
function flood(workers: readonly Worker[], count: number): Promise<number> {
  return sumOf(count, (add) => {
    for (const worker of workers) worker.onmessage = ({ data }) => add(data);
    for (let n = 0; n < count; n++) workers[n % WORKERS]?.postMessage(n);
  });
}
