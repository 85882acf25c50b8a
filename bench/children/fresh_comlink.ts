/** Calls a second to comlink workers that have run a call each, all made at once, to each in turn. @module */

import { startRemote } from "../base/comlink_remote.ts";
import { check, rate, sumBelow, sumOf } from "../checks.ts";
import { WORKERS } from "../pool.ts";
import { printRate } from "./print_rate.ts";

await printRate(async (count) => {
  const remotes = await Promise.all(Array.from({ length: WORKERS }, startRemote));
  for (const { same } of remotes) await same(0);
  const calls = remotes.map(({ same }) => same);
  const since = performance.now();
  const sum = await sumOf(count, (add) => {
    for (let n = 0; n < count; n++) calls[n % WORKERS]?.(n).then(add);
  });
  const perSecond = rate(count, since);
  check(sum, sumBelow(count));
  for (const { worker } of remotes) worker.terminate();
  return perSecond;
});
