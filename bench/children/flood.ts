/**
 * How many bytes this program grows while eight tasks send messages of 1 KB without a pause, and a callback
 * takes longer for each than sending it does.
 *
 * @module
 */

import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { printNumber } from "./print_number.ts";

const count = Number(Deno.args[0]);
const scheduler = Scheduler.withWorkers(8);
const floods = scheduler.task((comm: WorkerComm<{ sent: string }>) => {
  const text = "x".repeat(1000);
  for (;;) comm.send(text);
}, { plugins: new Comm() });
let before = 0;
let most = 0;
let received = 0;
const senders = new Set<unknown>();
floods.on("comm-message", (future) => {
  for (const since = performance.now(); performance.now() - since < 0.2;);
  senders.add(future);
  // Once all workers run.
  if (senders.size < 8) return;
  if (++received === 1) before = Deno.memoryUsage().rss;
  if (received % 100 === 0) most = Math.max(most, Deno.memoryUsage().rss - before);
  if (received === count) scheduler.stop();
});
scheduler.onStart(() => {
  for (let n = 0; n < 8; n++) floods.submit();
});
await scheduler.run({ wait: false });
printNumber(most);
